package import BantamGraph

extension Graph {
    /// The graph as it will be deployed: normalization folded into the layers before it.
    package func preparedForInference() throws(CompressionError) -> Graph {
        var graph = self
        do {
            try Passes.inference.run(on: &graph)
        } catch {
            throw .invalidGraph(error)
        }
        return graph
    }
}
