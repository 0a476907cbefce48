/// What a model's learned numbers are stored as: one element type, and how much is in it.
public struct StoredNumbers: Hashable, Sendable, Codable {
    public var dtype: DType
    /// How many weights, biases and other learned constants.
    public var constants: Int
    public var elements: Int
    /// Without the scales and zero points of integers.
    public var byteCount: ByteCount

    public init(dtype: DType, constants: Int, elements: Int, byteCount: ByteCount) {
        self.dtype = dtype
        self.constants = constants
        self.elements = elements
        self.byteCount = byteCount
    }
}

extension Graph {
    /// What the learned numbers are stored as, the types with the most numbers first.
    ///
    /// - Complexity: O(edges).
    public func storedNumbers() -> [StoredNumbers] {
        var stored: [DType: StoredNumbers] = [:]
        for value in learnedConstants(constantUses()) {
            guard let data = constants[value] else { continue }
            let empty = StoredNumbers(dtype: data.dtype, constants: 0, elements: 0, byteCount: .zero)
            stored[data.dtype, default: empty].constants += 1
            stored[data.dtype, default: empty].elements += data.elementCount
            stored[data.dtype, default: empty].byteCount += data.byteCount
        }
        return stored.values.sorted { ($1.elements, $0.dtype.rawValue) < ($0.elements, $1.dtype.rawValue) }
    }
}
