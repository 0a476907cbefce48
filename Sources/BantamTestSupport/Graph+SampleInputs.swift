public import BantamGraph

extension Graph {
    /// Random inputs; the same for the same graph.
    public func sampleInputs(batch: Int = 2) -> [TensorData] {
        var random = SeededGenerator(seed: 1).stream(name)
        return inputs.map { TensorData.random($0.shape(defaultSize: batch), from: &random) }
    }
}
