public import BantamGraph

/// How many epochs a training has where nobody says.
public enum EpochCount {
    /// What layers need that begin as approximations, and far from where they end.
    private static let stepsOfNewLayers = 2000
    private static let most = 100
    /// Multiply-accumulates of all epochs, forward and backward: some minutes of two processors.
    private static let patience = 1e13
    private static let backwardShare = 2.0

    /// For layers that replace others: of few samples as many passes as make 2,000 steps, unless that takes long.
    ///
    /// - Parameters:
    ///   - graph: The model, with the layers that are replaced or with the new ones.
    ///   - samples: How many there are to train on.
    ///   - usual: Of samples that are many.
    /// - Throws: `GraphError` when the graph is not a valid model.
    public static func forNewLayers(
        of graph: Graph, samples: Int, batchSize: Int, usual: Int
    ) throws(GraphError) -> Int {
        let macs = Double(max(try CostAnalysis(of: graph).total.macs, 1))
        let affordable = patience / (macs * Double(max(samples, 1)) * (1 + backwardShare))
        let steps = max(samples / max(batchSize, 1), 1)
        let wanted = (stepsOfNewLayers + steps - 1) / steps
        return max(usual, min(wanted, Int(min(affordable, Double(most)))))
    }
}
