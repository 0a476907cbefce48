import BantamGraph

/// Makes tensors of what a pickle says about them and the bytes beside it.
///
/// A tensor whose elements lie one after the other is a view of the mapped file. Others (transposed, channels last,
/// slices) are copied into row-major order; of those no more bytes than twice the file's.
struct TorchTensors {
    private let file: TensorStorage
    private let pickle: Pickle
    private let storages: StorageTable
    private var copyBudget: Int

    /// More axes than any network's weights have.
    static let rankLimit = 16

    init(file: TensorStorage, pickle: Pickle, storages: StorageTable) {
        self.file = file
        self.pickle = pickle
        self.storages = storages
        copyBudget = 2 * file.byteCount
    }

    /// - Parameter arguments: The container with the arguments of `_rebuild_tensor`, `…_v2` or `…_v3`.
    /// - Throws: `invalidWeights`, naming the tensor.
    mutating func tensor(named name: String, arguments: Int32) throws(NetworkError) -> TensorData {
        let items = pickle.containers[Int(arguments)].items
        guard items.count >= 4, case .storage(let index) = items[0], case .integer(let offset) = items[1],
            let sizes = integers(items[2]), let strides = integers(items[3]), sizes.count == strides.count
        else { throw .damagedWeights("the tensor \(name) is not described as PyTorch does") }
        var type = pickle.storages[Int(index)].type
        if items.count > 6, case .global(.dtype(let own)) = items[6] { type = own }
        guard let dtype = type.dtype else {
            throw .damagedWeights("the tensor \(name) has the type \(type.rawValue), which Bantam does not know")
        }
        let range = try storages.range(of: pickle.storages[Int(index)], in: pickle)
        let layout = try StridedLayout(sizes, strides, offset: offset, elements: range.count / type.width, of: name)
        let tensorType = TensorType(dtype, Shape(sizes))
        let start = range.lowerBound + offset * type.width
        guard layout.elementCount > 0 else { return TensorData(zeros: tensorType) }
        let tensor = TensorData(tensorType, storage: file, byteOffset: start)
        let isCopied = !layout.isContiguous || dtype == .bool
        guard isCopied else { return tensor }
        copyBudget -= tensorType.byteCount.bytes
        guard copyBudget >= 0 else {
            throw .damagedWeights("its tensors that are not in row-major order are larger than the file")
        }
        return layout.isContiguous ? tensor.withValidBooleans() : layout.copy(file, tensorType, from: start)
    }

    private func integers(_ value: PickleValue) -> [Int]? {
        guard let items = pickle.items(of: value, .tuple), items.count <= Self.rankLimit else { return nil }
        var result: [Int] = []
        for item in items {
            guard case .integer(let number) = item else { return nil }
            result.append(number)
        }
        return result
    }
}

/// Where the elements of a tensor stand in its storage.
struct StridedLayout {
    private let shape: Shape
    private let strides: [Int]
    let elementCount: Int
    let isContiguous: Bool

    /// - Parameters:
    ///   - offset: Of the first element; all places count elements.
    ///   - elements: How many the storage has.
    /// - Throws: `invalidWeights` unless every element lies in the storage, and there are no more than it has.
    init(
        _ sizes: [Int], _ strides: [Int], offset: Int, elements: Int, of name: String
    ) throws(NetworkError) {
        shape = Shape(sizes)
        self.strides = strides
        func outside() -> NetworkError {
            .damagedWeights(
                "the tensor \(name) of shape \(Shape(sizes)), strides \(strides) and offset \(offset) does not fit its "
                    + "storage of \(elements) elements")
        }
        // Beside a dimension of 0 the others must be sane too.
        guard offset >= 0, strides.allSatisfy({ $0 >= 0 }), sizes.allSatisfy({ $0 >= 0 }),
            let count = Shape(sizes.map { max($0, 1) }).checkedElementCount, sizes.contains(0) || count <= elements
        else { throw outside() }
        elementCount = sizes.contains(0) ? 0 : count
        var last = offset
        for (size, stride) in zip(sizes, strides) where elementCount > 0 {
            let (extent, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
            let (sum, sumOverflow) = last.addingReportingOverflow(extent)
            guard !overflow, !sumOverflow else { throw outside() }
            last = sum
        }
        guard elementCount == 0 ? offset <= elements : last < elements else { throw outside() }
        // Where an axis has one element, its stride does not matter.
        isContiguous = zip(zip(sizes, strides), Shape(sizes).strides).allSatisfy { $0.0 == 1 || $0.1 == $1 }
    }

    /// The elements in row-major order.
    ///
    /// - Complexity: O(elements).
    func copy(_ file: TensorStorage, _ type: TensorType, from start: Int) -> TensorData {
        switch type.dtype.bitWidth {
        case 64: copy(file, type, from: start, as: UInt64.self)
        case 32: copy(file, type, from: start, as: UInt32.self)
        case 16: copy(file, type, from: start, as: UInt16.self)
        default: copy(file, type, from: start, as: UInt8.self).withValidBooleans()
        }
    }

    private func copy<Element: BitwiseCopyable>(
        _ file: TensorStorage, _ type: TensorType, from start: Int, as _: Element.Type
    ) -> TensorData {
        var result = TensorData(zeros: type)
        let width = MemoryLayout<Element>.size
        let rowLength = shape.dimensions.last ?? 1
        let rowStride = (strides.last ?? 1) * width
        // One entry for each axis but the last.
        var place = [Int](repeating: 0, count: max(shape.rank - 1, 0))
        result.withUnsafeMutableBytes { target in
            var row = start
            for output in stride(from: 0, to: elementCount * width, by: rowLength * width) {
                for column in 0..<rowLength {
                    let element = file.bytes.loadUnaligned(fromByteOffset: row + column * rowStride, as: Element.self)
                    target.storeBytes(of: element, toByteOffset: output + column * width, as: Element.self)
                }
                for axis in place.indices.reversed() {
                    place[axis] += 1
                    row += strides[axis] * width
                    if place[axis] < shape[axis] { break }
                    row -= place[axis] * strides[axis] * width
                    place[axis] = 0
                }
            }
        }
        withExtendedLifetime(file) {}
        return result
    }
}

/// Where each storage's bytes stand in the file.
enum StorageTable {
    case zip(ZipArchive)
    case legacy([String: Range<Int>])

    /// - Throws: `invalidWeights` when the storage is not there or of another size than the pickle says.
    func range(of storage: StorageReference, in pickle: Pickle) throws(NetworkError) -> Range<Int> {
        guard storage.key.count <= 100 else { throw .damagedWeights("the name of a storage is too long") }
        let key = pickle.text(storage.key)
        let range: Range<Int>
        switch self {
        case .zip(let archive): range = try archive.range(of: "data/\(key)")
        case .legacy(let ranges):
            guard let found = ranges[key] else { throw .damagedWeights("the storage \(key) is missing") }
            range = found
        }
        let width = storage.type.width
        guard range.count.isMultiple(of: width), range.count / width == storage.count else {
            throw .damagedWeights(
                "the storage \(key) has \(range.count) bytes where \(storage.count) elements of \(width) bytes were "
                    + "expected", at: range.lowerBound)
        }
        guard let view = storage.view else { return range }
        guard view.upperBound <= storage.count else {
            throw .damagedWeights("a view lies outside of the storage \(key)", at: range.lowerBound)
        }
        return range.lowerBound + view.lowerBound * width..<range.lowerBound + view.upperBound * width
    }
}
