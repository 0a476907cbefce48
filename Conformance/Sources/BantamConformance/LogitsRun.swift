import BantamGraph
import BantamNetwork
import BantamONNX
import BantamTensor

/// Runs the models in some folders on what is given there.
///
/// ```
/// BantamConformance logits FOLDER ...
/// ```
///
/// Reads `model.onnx`, and `input.safetensors` with the tensor `input`; writes `bantam.safetensors` with the first output,
/// as `output`.
enum LogitsRun {
    static func run(folders: [String]) throws {
        for folder in folders {
            let graph = try ONNXFile.read("\(folder)/model.onnx").graph
            guard let input = try SafeTensors.read("\(folder)/input.safetensors").tensors["input"] else {
                throw ConformanceError("\(folder)/input.safetensors has no tensor named input")
            }
            let network = try Network(graph)
            let output = try withoutGradients { try network.forward([try Tensor(input)]).outputs[0].data() }
            try SafeTensors(tensors: ["output": output]).write(to: "\(folder)/bantam.safetensors")
        }
    }
}
