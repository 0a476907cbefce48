public import BantamGraph
public import OrderedCollections

/// A file of named tensors, in whichever of the formats that published weights come in.
///
/// ```swift
/// let file = try WeightFile.read("resnet18-f37072fd.pth")
/// file.tensors["conv1.weight"]  // float32[64, 3, 7, 7]
/// ```
public struct WeightFile: Sendable {
    public enum Format: String, Sendable, Codable {
        case safeTensors = "safetensors"
        case pyTorch = "PyTorch"
    }

    public var format: Format
    public var tensors: OrderedDictionary<String, TensorData>
    /// The keys under which the tensors lie in the file: `["state_dict"]`; empty when they lie at the top.
    public var path: [String]

    /// Reads a file; what it is, its first bytes say, not its name.
    ///
    /// The file is mapped: opening it costs next to nothing, and its bytes are in memory once.
    ///
    /// - Throws: `invalidWeights` or `forbiddenGlobal`, naming the file.
    public static func read(_ path: String) throws(NetworkError) -> WeightFile {
        let file: TensorStorage
        do { file = try MappedFile.open(path) } catch { throw .weightFile(error) }
        // A length of eight bytes and a JSON object: what a pickle or an archive cannot look like.
        if file.byteCount > 8, file.bytes[8] == UInt8(ascii: "{"), !ZipArchive.matches(file.bytes),
            !PyTorchFile.isLegacy(file.bytes)
        {
            let content = try SafeTensors.read(path)
            return WeightFile(format: .safeTensors, tensors: content.tensors, path: [])
        }
        do throws(NetworkError) {
            let content = try PyTorchFile(file)
            return WeightFile(format: .pyTorch, tensors: content.tensors, path: content.path)
        } catch {
            throw error.located(inFile: path)
        }
    }
}
