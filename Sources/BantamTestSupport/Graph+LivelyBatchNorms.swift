public import BantamGraph

extension Graph {
    /// The model with every BatchNorm's parameters and statistics, and every learned scalar, other than what they start
    /// with: zeros would hide what lies behind them.
    public func withLivelyBatchNorms() -> Graph {
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
