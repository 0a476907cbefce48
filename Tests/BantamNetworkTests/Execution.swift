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
}

extension TinyGraphs {
    static let names = all.map(\.name)

    static func named(_ name: String) -> Graph? { all.first { $0.name == name } }
}
