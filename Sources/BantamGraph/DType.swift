/// The type of a tensor's elements, named as in ONNX.
public enum DType: String, Hashable, Sendable, Codable, CaseIterable {
    case float64, float32, float16, bfloat16
    case int64, int32, int16, int8, int4
    case uint64, uint32, uint16, uint8, uint4
    case bool

    /// The width of one element. `int4` and `uint4` are stored two to a byte, low half first.
    public var bitWidth: Int {
        switch self {
        case .float64, .int64, .uint64: 64
        case .float32, .int32, .uint32: 32
        case .float16, .bfloat16, .int16, .uint16: 16
        case .int8, .uint8, .bool: 8
        case .int4, .uint4: 4
        }
    }

    public var isFloatingPoint: Bool {
        switch self {
        case .float64, .float32, .float16, .bfloat16: true
        default: false
        }
    }

    /// The bytes that `elementCount` elements occupy, or `nil` when that number does not fit an `Int`.
    public func byteCount(of elementCount: Int) -> Int? {
        let (bits, overflow) = elementCount.multipliedReportingOverflow(by: bitWidth)
        guard !overflow, elementCount >= 0, bits <= Int.max - 7 else { return nil }
        return (bits + 7) / 8
    }
}

/// A Swift type whose memory layout is that of one ``DType``.
public protocol TensorElement: BitwiseCopyable, Sendable {
    static var dtype: DType { get }
}

extension Double: TensorElement { public static var dtype: DType { .float64 } }
extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Int64: TensorElement { public static var dtype: DType { .int64 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension Int16: TensorElement { public static var dtype: DType { .int16 } }
extension Int8: TensorElement { public static var dtype: DType { .int8 } }
extension UInt64: TensorElement { public static var dtype: DType { .uint64 } }
extension UInt32: TensorElement { public static var dtype: DType { .uint32 } }
extension UInt16: TensorElement { public static var dtype: DType { .uint16 } }
extension UInt8: TensorElement { public static var dtype: DType { .uint8 } }
extension Bool: TensorElement { public static var dtype: DType { .bool } }

/// A tensor's element type and shape.
public struct TensorType: Hashable, Sendable, Codable, CustomStringConvertible {
    public var dtype: DType
    public var shape: Shape

    public init(_ dtype: DType, _ shape: Shape) {
        self.dtype = dtype
        self.shape = shape
    }

    /// No tensor that fits a machine has more elements: sizes beyond are mistakes or attacks, and refusing them keeps
    /// arithmetic on sizes from overflowing.
    static let elementLimit = 1 << 40

    /// The bytes a dense tensor of this type occupies.
    public var byteCount: ByteCount {
        ByteCount((shape.elementCount * dtype.bitWidth + 7) / 8)
    }

    public var description: String { "\(dtype.rawValue)\(shape)" }
}
