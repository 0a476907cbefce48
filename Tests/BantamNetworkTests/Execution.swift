import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport

extension Graph {
    /// What the model computes, by the executor.
    func run(_ inputs: [TensorData], mode: NodeContext.Mode = .inference) throws -> [TensorData] {
        let network = try Network(self)
        return try withoutGradients {
            let tensors = try inputs.map { try Tensor($0) }
            return try network.forward(tensors, mode: mode).outputs.map { try $0.data() }
        }
    }

    /// Random inputs; the same for the same graph.
    func sampleInputs(batch: Int = 2) -> [TensorData] {
        var random = SeededGenerator(seed: 1).stream(name)
        return inputs.map { TensorData.random($0.shape(defaultSize: batch), from: &random) }
    }
}

extension TinyGraphs {
    static let names = all.map(\.name)

    static func named(_ name: String) -> Graph? { all.first { $0.name == name } }
}
