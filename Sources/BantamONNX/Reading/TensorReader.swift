import BantamGraph
import SwiftProtobuf

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads a `TensorProto`, whichever of the three ways its data is stored: raw bytes, a field of numbers, or a part of
/// another file.
struct TensorReader {
    let context: ReadingContext

    /// - Parameters:
    ///   - what: For messages, such as `"initializer conv1.weight"`.
    ///   - node: For messages.
    ///   - rawDataInFile: Where the tensor's raw bytes stand in the model file, if they were left there.
    func read(
        _ proto: Onnx_TensorProto, named what: String, node: String? = nil, rawDataInFile: Range<Int>? = nil
    ) throws(ONNXError) -> TensorData {
        do throws(ONNXError) {
            let type = try type(of: proto, what)
            return try data(of: proto, as: type, what, rawDataInFile).withValidBooleans()
        } catch {
            throw node.map { error.located(atNode: $0) } ?? error
        }
    }

    private func type(of proto: Onnx_TensorProto, _ what: String) throws(ONNXError) -> TensorType {
        guard let dtype = DType(onnxCode: Int(proto.dataType)) else {
            throw .unsupportedType(code: Int(proto.dataType), of: what)
        }
        guard proto.dims.count <= context.limits.rank else {
            throw .rank(proto.dims.count, of: what, limit: context.limits.rank)
        }
        let shape = Shape(proto.dims.map { Int($0) })
        guard shape.dimensions.allSatisfy({ $0 >= 0 }) else { throw .negativeDimension(shape, of: what) }
        guard let count = shape.checkedElementCount, count <= context.limits.tensorElements,
            dtype.byteCount(of: count) != nil
        else {
            throw .tensorTooLarge(shape, of: what, limit: context.limits.tensorElements)
        }
        return TensorType(dtype, shape)
    }

    private func data(
        of proto: Onnx_TensorProto, as type: TensorType, _ what: String, _ rawDataInFile: Range<Int>?
    ) throws(ONNXError) -> TensorData {
        if proto.dataLocation == .external { return try context.externalData.read(proto.externalData, type, what) }
        if let range = rawDataInFile {
            try check(range.count, against: type, what)
            return TensorData(type, storage: context.file, byteOffset: range.lowerBound)
        }
        let bytes = proto.rawData.isEmpty ? try TypedData(proto).bytes(as: type, what) : Array(proto.rawData)
        try check(bytes.count, against: type, what)
        return TensorData(type, storage: bytes.withUnsafeBytes { TensorStorage(copying: $0) })
    }

    private func check(_ byteCount: Int, against type: TensorType, _ what: String) throws(ONNXError) {
        guard byteCount == type.byteCount.bytes else {
            throw .dataSize(byteCount, expected: type.byteCount.bytes, type: type, of: what)
        }
    }
}
