import BantamGraph
import BantamNetwork
import BantamONNX
import BantamTensor
import BantamTestSupport

/// One exported model: imported, run, differentiated and written again.
///
/// Its folder holds `model.onnx`, and `reference.safetensors` with inputs, with what ONNX Runtime makes of them
/// (`input.0`, ..., `output.0`, ...), and where known with what PyTorch makes of them in float64 (`exact.0`, ...). What
/// Bantam writes again goes beside them, as `written.onnx`.
struct ModelCase {
    /// The largest difference that counts as the same, relative to the largest number of an output.
    static let tolerance = 1e-4
    /// The same for the proof of channel removal, both of whose models Bantam runs.
    static let removalTolerance = 1e-5

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
            outcome.difference = try Self.difference(imported, expected)
            let deployed = try Self.run(optimized, inputs)
            outcome.optimizedDifference = try Self.difference(deployed, expected)
            let exact = Self.list("exact", in: reference)
            if !exact.isEmpty {
                outcome.exactDifference = max(
                    try Self.difference(imported, exact), try Self.difference(deployed, exact))
            }
            try ONNXFile.write(optimized, to: "\(folder)/written.onnx")
            outcome.isWritten = true
            var trainable = file.graph
            try Passes.training.run(on: &trainable)
            outcome.removal = try Self.removal(in: trainable, inputs: inputs, whole: expected)
            outcome.headRemoval = try Self.headRemoval(in: trainable, inputs: inputs, whole: expected)
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

    /// The largest difference of any output, relative to the largest number in it.
    private static func difference(_ outputs: [TensorData], _ expected: [TensorData]) throws -> Double {
        guard outputs.count == expected.count else {
            throw ConformanceError("\(outputs.count) outputs instead of \(expected.count)")
        }
        var largest = 0.0
        for (index, (output, expected)) in zip(outputs, expected).enumerated() {
            guard output.type == expected.type else {
                throw ConformanceError("output \(index) is \(output.type) instead of \(expected.type)")
            }
            guard let numbers = output.doubles(), let expectedNumbers = expected.doubles() else {
                largest = output == expected ? largest : .infinity
                continue
            }
            var (difference, magnitude) = (0.0, 1e-30)
            for (number, expected) in zip(numbers, expectedNumbers) where number != expected {
                let isSame = number.isNaN && expected.isNaN
                difference = isSame ? difference : max(difference, abs(number - expected))
                if (number - expected).isNaN && !isSame { difference = .infinity }
            }
            for expected in expectedNumbers where expected.isFinite { magnitude = max(magnitude, abs(expected)) }
            largest = max(largest, difference / magnitude)
        }
        return largest
    }

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

    /// Removes half of the heads of every attention too, with half of the channels of all other groups.
    ///
    /// - Returns: `nil` for a model that has none.
    private static func headRemoval(
        in graph: Graph, inputs: [TensorData], whole: [TensorData]
    ) throws -> ModelOutcome.Removal? {
        let groups = try [AttentionChannels.headDimensions, .heads].map {
            try ChannelGroups(of: graph, attention: $0).groups
        }
        return groups[0] == groups[1] ? nil : try removal(in: graph, .heads, inputs: inputs, whole: whole)
    }

    /// Removes half of the channels of every group at once; see ``RemovalProof``.
    private static func removal(
        in graph: Graph, _ attention: AttentionChannels = .headDimensions, inputs: [TensorData], whole: [TensorData]
    ) throws -> ModelOutcome.Removal {
        let groups = try ChannelGroups(of: graph, attention: attention)
        let proof = RemovalProof.halving(groups.prunable, of: graph)
        let smaller = try proof.removed()
        let (before, after) = (try CostAnalysis(of: graph).total, try CostAnalysis(of: smaller).total)
        let expected = try run(proof.disabled(), inputs)
        var removal = ModelOutcome.Removal(
            groups: groups.groups.count, prunable: groups.prunable.count, halved: proof.removals.count,
            parameters: Double(after.parameters) / Double(max(before.parameters, 1)),
            difference: try difference(try run(smaller, inputs), expected),
            effect: try difference(expected, whole))
        if removal.difference > removalTolerance {
            removal.culprit = try proof.parts.first { part in
                let outputs = try run(part.removed(), inputs)
                return try difference(outputs, try run(part.disabled(), inputs)) > removalTolerance
            }?.removals[0].group.label
        }
        return removal
    }

    private static func run(_ graph: Graph, _ inputs: [TensorData]) throws -> [TensorData] {
        let network = try Network(graph)
        let tensors = try inputs.map { try Tensor($0) }
        return try withoutGradients { try network.forward(tensors).outputs.map { try $0.data() } }
    }
}
