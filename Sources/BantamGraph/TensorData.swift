/// A dense, row-major tensor in host memory: a model's weight, a batch of images, a result.
///
/// `TensorData` is a value. Copies share their bytes until one is written, and the bytes may be owned memory or
/// part of a memory-mapped file (``TensorStorage``), so a graph with a gigabyte of weights is copied for free.
///
/// ```swift
/// var weight = TensorData([2, 3], [1, 2, 3, 4, 5, 6] as [Float])
/// weight.withUnsafeMutableElements(of: Float.self) { $0[0] = 7 }  // copies only if shared
/// let row = weight.elements(of: Float.self)
/// ```
///
/// It holds no autograd state and crosses tasks freely; `BantamTensor.Tensor` is its counterpart for computing.
public struct TensorData: Sendable {
    public let dtype: DType
    public private(set) var shape: Shape
    private var storage: TensorStorage
    private var byteOffset: Int

    public var type: TensorType { TensorType(dtype, shape) }
    public var elementCount: Int { shape.elementCount }
    public var byteCount: ByteCount { type.byteCount }

    /// Wraps bytes that already exist, such as a section of a mapped file.
    ///
    /// - Precondition: the storage holds at least `byteOffset` plus the type's byte count.
    public init(_ type: TensorType, storage: TensorStorage, byteOffset: Int = 0) {
        precondition(
            byteOffset >= 0 && byteOffset + type.byteCount.bytes <= storage.byteCount,
            "\(type) at byte \(byteOffset) does not fit \(storage.byteCount) bytes")
        self.dtype = type.dtype
        self.shape = type.shape
        self.storage = storage
        self.byteOffset = byteOffset
    }

    /// A tensor of zeros.
    public init(zeros type: TensorType) {
        self.init(type, storage: TensorStorage(zeroed: type.byteCount.bytes))
    }

    /// A tensor of zeros, of a size that somebody asks for.
    ///
    /// - Throws: `outOfMemory`, where ``init(zeros:)`` ends the process; `shapeMismatch` for a type whose bytes cannot be
    ///   counted.
    public init(allocating type: TensorType) throws(GraphError) {
        guard let count = type.shape.checkedElementCount, let bytes = type.dtype.byteCount(of: count) else {
            throw .uncountable(type)
        }
        self.init(type, storage: try TensorStorage(allocating: bytes))
    }

    /// - Precondition: `elements` has as many entries as `shape`.
    public init<Element: TensorElement>(_ shape: Shape, _ elements: [Element]) {
        precondition(elements.count == shape.elementCount, "\(elements.count) elements do not fill \(shape)")
        self.init(
            TensorType(Element.dtype, shape),
            storage: elements.withUnsafeBytes { TensorStorage(copying: $0) })
    }

    /// A scalar.
    public init<Element: TensorElement>(scalar element: Element) {
        self.init(.scalar, [element])
    }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(rebasing: storage.bytes[byteOffset..<byteOffset + byteCount.bytes]))
    }

    /// Gives write access; copies the bytes first when they are shared or mapped.
    public mutating func withUnsafeMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if !isKnownUniquelyReferenced(&storage) || !storage.isWritable || byteOffset != 0 {
            storage = withUnsafeBytes { TensorStorage(copying: $0) }
            byteOffset = 0
        }
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeMutableRawBufferPointer(rebasing: storage.mutableBytes[0..<byteCount.bytes]))
    }

    /// - Precondition: `Element` is this tensor's dtype. Mapped bytes need not be aligned.
    public func elements<Element: TensorElement>(of _: Element.Type = Element.self) -> [Element] {
        precondition(Element.dtype == dtype, "elements of \(dtype) read as \(Element.dtype)")
        return withUnsafeBytes { bytes in
            [Element](unsafeUninitializedCapacity: elementCount) { buffer, count in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                count = elementCount
            }
        }
    }

    /// - Precondition: `Element` is this tensor's dtype.
    public mutating func withUnsafeMutableElements<Element: TensorElement, Result, Failure: Error>(
        of _: Element.Type, _ body: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(Element.dtype == dtype, "elements of \(dtype) written as \(Element.dtype)")
        return try withUnsafeMutableBytes { (bytes) throws(Failure) -> Result in
            try body(bytes.bindMemory(to: Element.self))
        }
    }

    /// Takes a mapped file that holds the elements out of memory, until they are read again.
    package func dropPages() { storage.dropPages() }

    /// The same elements under another shape.
    ///
    /// - Precondition: the element counts agree.
    public func reshaped(to shape: Shape) -> TensorData {
        precondition(shape.elementCount == elementCount, "\(self.shape) cannot be viewed as \(shape)")
        var copy = self
        copy.shape = shape
        return copy
    }

    /// Whether both hold the same bytes under the same type.
    public static func == (left: TensorData, right: TensorData) -> Bool {
        left.type == right.type
            && left.withUnsafeBytes { left in
                right.withUnsafeBytes { right in
                    left.baseAddress == right.baseAddress || left.elementsEqual(right)
                }
            }
    }
}

extension TensorData: Equatable {}

extension TensorData: CustomStringConvertible {
    public var description: String { type.description }
}
