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

    /// The model with every BatchNorm's parameters and statistics, and every learned scalar, other than what they start
    /// with: zeros would hide what lies behind them.
    func withLivelyBatchNorms() -> Graph {
        let bounds: [Int: ClosedRange<Float>] = [1: 0.5...1.5, 2: -0.5...0.5, 3: -0.5...0.5, 4: 0.5...1.5]
        var copy = self
        for node in nodes.values where node.operatorName == "BatchNormalization" {
            for (slot, bounds) in bounds {
                guard let value = node.inputs[slot], let data = constants[value] else { continue }
                var random = SeededGenerator(seed: 2).stream(self[value].name)
                copy.setConstant(value, to: TensorData.random(data.shape, in: bounds, from: &random))
            }
        }
        for name in learnedScalars {
            guard let value = value(named: name) else { continue }
            var random = SeededGenerator(seed: 2).stream(name)
            copy.setConstant(value, to: TensorData.random([], in: 0.5...1.5, from: &random))
        }
        return copy
    }
}

extension TinyGraphs {
    static let names = all.map(\.name)

    static func named(_ name: String) -> Graph? { all.first { $0.name == name } }
}
