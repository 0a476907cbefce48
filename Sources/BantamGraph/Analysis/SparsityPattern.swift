/// N:M sparsity, written `2:4`: of each M weights that follow one another along the axis that is summed over, at most N
/// are not zero. Hardware with sparse matrix units computes only those N.
///
/// Mishra et al., *Accelerating Sparse Deep Neural Networks*, 2021.
public struct SparsityPattern: Hashable, Sendable {
    /// N: how many of a block may differ from zero.
    public let kept: Int
    /// M: how many weights make a block.
    public let block: Int

    /// What GPUs with sparse tensor cores compute.
    public static let twoOfFour = SparsityPattern(kept: 2, block: 4)

    public static let largestBlock = 64

    /// - Returns: `nil` unless `1 <= kept < block <= 64`.
    public init?(_ kept: Int, of block: Int) {
        guard kept >= 1, kept < block, block <= Self.largestBlock else { return nil }
        self.init(kept: kept, block: block)
    }

    private init(kept: Int, block: Int) {
        self.kept = kept
        self.block = block
    }

    /// The fraction of zeros it asks for.
    public var sparsity: Double { 1 - Double(kept) / Double(block) }

    /// Calls `body` with the first element of each block and the distance from one to the next.
    ///
    /// - Precondition: the pattern divides the axis's length.
    public func forEachBlock(of shape: Shape, along axis: ReductionAxis, _ body: (_ first: Int, _ stride: Int) -> Void)
    {
        Self.forEachBlock(of: block, in: shape, along: axis, body)
    }

    static func forEachBlock(
        of block: Int, in shape: Shape, along axis: ReductionAxis, _ body: (_ first: Int, _ stride: Int) -> Void
    ) {
        precondition(axis.length % block == 0, "blocks of \(block) along an axis of \(axis.length)")
        let stride = shape.dimensions[(axis.axis + 1)...].reduce(1, *)
        let step = block * stride
        guard step > 0 else { return }
        for base in Swift.stride(from: 0, to: shape.elementCount, by: step) {
            for offset in 0..<stride { body(base + offset, stride) }
        }
    }
}

extension SparsityPattern: LosslessStringConvertible {
    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let kept = Int(parts[0]), let block = Int(parts[1]) else { return nil }
        self.init(kept, of: block)
    }

    public var description: String { "\(kept):\(block)" }
}

extension SparsityPattern: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let pattern = SparsityPattern(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(text) is no pattern such as 2:4, with 1 <= N < M <= 64")
        }
        self = pattern
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
