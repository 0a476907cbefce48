import BantamGraph
import SwiftProtobuf

/// The data of a tensor that is stored as numbers, in the field that ONNX prescribes for its element type.
struct TypedData {
    private let proto: Onnx_TensorProto

    init(_ proto: Onnx_TensorProto) {
        self.proto = proto
    }

    /// The numbers as the dense bytes of `type`.
    ///
    /// - Throws: `dataSizeMismatch` when there are too few or too many; `dataOutOfRange` when one does not fit.
    func bytes(as type: TensorType, _ what: String) throws(ONNXError) -> [UInt8] {
        let count = type.shape.elementCount
        switch type.dtype {
        case .float32: return try bytes(of: proto.floatData, count, what)
        case .float64: return try bytes(of: proto.doubleData, count, what)
        case .int64: return try bytes(of: proto.int64Data, count, what)
        case .uint64: return try bytes(of: proto.uint64Data, count, what)
        case .uint32: return try bytes(of: try narrowed(proto.uint64Data, to: UInt32.self, what), count, what)
        case .int32: return try bytes(of: proto.int32Data, count, what)
        case .int16: return try bytes(of: try narrowed(proto.int32Data, to: Int16.self, what), count, what)
        case .uint16: return try bytes(of: try narrowed(proto.int32Data, to: UInt16.self, what), count, what)
        case .int8: return try bytes(of: try narrowed(proto.int32Data, to: Int8.self, what), count, what)
        case .uint8, .bool: return try bytes(of: try narrowed(proto.int32Data, to: UInt8.self, what), count, what)
        // The bits of the number. Some writers extend the sign.
        case .float16, .bfloat16:
            return try bytes(of: proto.int32Data.map { UInt16(truncatingIfNeeded: $0) }, count, what)
        // Two to an entry, low half first, as in memory. Some writers extend the sign here too.
        case .int4, .uint4:
            return try bytes(of: proto.int32Data.map { UInt8(truncatingIfNeeded: $0) }, (count + 1) / 2, what)
        }
    }

    private func bytes<Number: BitwiseCopyable>(
        of numbers: [Number], _ count: Int, _ what: String
    ) throws(ONNXError) -> [UInt8] {
        guard numbers.count == count else { throw .elementCount(numbers.count, expected: count, of: what) }
        return numbers.withUnsafeBytes { Array($0) }
    }

    private func narrowed<Wide: BinaryInteger, Narrow: FixedWidthInteger>(
        _ numbers: [Wide], to _: Narrow.Type, _ what: String
    ) throws(ONNXError) -> [Narrow] {
        var result: [Narrow] = []
        result.reserveCapacity(numbers.count)
        for number in numbers {
            guard let narrow = Narrow(exactly: number) else {
                throw .outOfRange("\(number)", "\(Narrow.self)", of: what)
            }
            result.append(narrow)
        }
        return result
    }
}
