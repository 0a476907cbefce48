import BantamGraph
import BantamNetwork
import BantamONNX
import BantamTensor

/// One exported model: imported, run, differentiated and written again.
///
/// Its folder holds `model.onnx`, and `reference.safetensors` with inputs, with what ONNX Runtime makes of them
/// (`input.0`, ..., `output.0`, ...), and where known with what PyTorch makes of them in float64 (`exact.0`, ...). What
/// Bantam writes again goes beside them, as `written.onnx`.
struct ModelCase {
    /// The largest difference that counts as the same, relative to the largest number of an output.
    static let tolerance = 1e-4

    let folder: String

    /// Goes through the stations in order and stops at the first that fails.
    func run() -> ModelOutcome {
        var outcome = ModelOutcome()
        do {
            let file = try ONNXFile.read("\(folder)/model.onnx")
            outcome.opset = file.header.opset
            let reference = try SafeTensors.read("\(folder)/reference.safetensors")
            let inputs = Self.list("input", in: reference)
            try Verifier.verify(file.graph)
            _ = try ShapeInference(of: file.graph, inputShapes: inputs.map(\.shape))
            outcome.isImported = true

            var optimized = file.graph
            let passes = try Passes.inference.run(on: &optimized)
            outcome.notes = passes.flatMap(\.result.notes)
            outcome.nodeCounts = (file.graph.nodes.count, optimized.nodes.count)
            let expected = Self.list("output", in: reference)
            let (imported, gradients) = try gradients(of: file.graph, inputs: inputs)
            outcome.parameterCount = gradients.count
            let used = Self.valuesBehindOutputs(of: file.graph)
            outcome.missingGradients = gradients.filter { $0.state == .missing && used.contains($0.name) }.map(\.name)
            outcome.brokenGradients = gradients.filter { $0.state == .notFinite }.map(\.name)
            outcome.difference = try Comparison.difference(imported, expected)
            let deployed = try optimized.run(inputs)
            outcome.optimizedDifference = try Comparison.difference(deployed, expected)
            let exact = Self.list("exact", in: reference)
            if !exact.isEmpty {
                outcome.exactDifference = max(
                    try Comparison.difference(imported, exact), try Comparison.difference(deployed, exact))
            }
            try ONNXFile.write(optimized, to: "\(folder)/written.onnx")
            outcome.isWritten = true
            var trainable = file.graph
            try Passes.training.run(on: &trainable)
            outcome.removal = try ChannelRemovalCheck.removal(in: trainable, inputs: inputs, whole: expected)
            outcome.headRemoval = try ChannelRemovalCheck.headRemoval(in: trainable, inputs: inputs, whole: expected)
        } catch {
            outcome.error = "\(error)"
        }
        return outcome
    }

    private static func list(_ name: String, in reference: SafeTensors) -> [TensorData] {
        var tensors: [TensorData] = []
        while let tensor = reference.tensors["\(name).\(tensors.count)"] { tensors.append(tensor) }
        return tensors
    }

    // MARK: Numbers

    private struct Gradient {
        enum State { case finite, notFinite, missing }
        var name: String
        var state: State
    }

    /// Runs the graph as it was imported, and the sum of its outputs backward.
    private func gradients(
        of graph: Graph, inputs: [TensorData]
    ) throws -> (outputs: [TensorData], gradients: [Gradient]) {
        let network = try Network(graph)
        let outputs = try network.forward(try inputs.map { try Tensor($0) }).outputs
        let sums = try outputs.filter { $0.requiresGradient }.map { try $0.sum() }
        if let first = sums.first {
            try sums.dropFirst().reduce(first) { try $0.adding($1) }.backward()
        }
        let gradients = try network.parameters.map { parameter in
            guard let gradient = parameter.tensor.gradient else {
                return Gradient(name: parameter.name, state: .missing)
            }
            let isFinite = try gradient.absolute().sum().item().isFinite
            return Gradient(name: parameter.name, state: isFinite ? .finite : .notFinite)
        }
        return (try outputs.map { try $0.data() }, gradients)
    }

    /// The names of all values that some output is computed from; files may carry branches that none is.
    private static func valuesBehindOutputs(of graph: Graph) -> Set<String> {
        var used = Set(graph.outputs)
        for node in graph.nodes.values.reversed() where node.outputs.contains(where: { $0.map(used.contains) ?? false })
        {
            used.formUnion(node.inputs.compactMap(\.self))
        }
        return Set(used.map { graph[$0].name })
    }
}
