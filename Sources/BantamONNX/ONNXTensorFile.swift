public import BantamGraph
import SwiftProtobuf

/// A file that holds one tensor, a `TensorProto`: how ONNX's own tests store inputs and outputs.
public enum ONNXTensorFile {
    /// Reads the tensor.
    ///
    /// - Throws: `unsupportedType` for strings, complex numbers and 8-bit floats; `unreadableFile`, `corrupt`,
    ///   `dataSizeMismatch` or what else is wrong with the file.
    /// - Complexity: O(bytes of the file).
    public static func read(_ path: String, limits: ONNXLimits = ONNXLimits()) throws(ONNXError) -> TensorData {
        do throws(ONNXError) {
            return try tensor(inFileAt: path, limits: limits)
        } catch {
            throw error.located(inFile: path)
        }
    }

    private static func tensor(inFileAt path: String, limits: ONNXLimits) throws(ONNXError) -> TensorData {
        let file: TensorStorage
        do throws(GraphError) { file = try MappedFile.open(path) } catch { throw ONNXError(error) }
        guard file.byteCount <= limits.structureBytes.bytes else {
            throw .fileTooLarge(ByteCount(file.byteCount), limit: limits.structureBytes)
        }
        let proto: Onnx_TensorProto
        do {
            proto = try Onnx_TensorProto(serializedBytes: Array(file.bytes))
        } catch {
            throw .corrupt("it cannot be decoded as a tensor (\(error))")
        }
        let context = ReadingContext(
            limits: limits, file: file, externalData: ExternalData(ofModelAt: path, limits: limits),
            functions: try FunctionInliner([], opset: 0, limits: limits))
        let name = proto.name.isEmpty ? "the tensor" : "tensor \(proto.name)"
        return try TensorReader(context: context).read(proto, named: name)
    }
}
