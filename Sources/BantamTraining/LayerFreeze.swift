public import BantamGraph

/// Layers that a training leaves as they are, so that few samples do not spoil what many have taught.
public enum LayerFreeze: Codable, Hashable, Sendable {
    /// All layers but the last one with weights, the classifier.
    case backbone
    /// All layers up to the node of this name and with it, in the graph's order.
    case upTo(String)
}

/// What is done about classes of different frequency.
public enum ClassBalancing: String, Codable, Hashable, Sendable, CaseIterable {
    case none
    /// Samples of rare classes count more in the loss.
    case weights
    /// Every class is seen equally often.
    case sampling
}

extension TrainingConfiguration {
    /// The learned constants that keep their numbers.
    ///
    /// - Throws: `unknownLayer` where no node has the name that is given, or nothing would be left to learn.
    public func frozenParameters(of graph: Graph) throws(TrainingError) -> Set<ValueID> {
        guard let freeze else { return [] }
        let frozen: Set<ValueID>
        switch freeze {
        case .backbone: frozen = graph.backbone
        case .upTo(let name):
            guard let last = graph.nodes.values.firstIndex(where: { $0.name == name }) else {
                throw .unknownLayer(name)
            }
            let nodes = graph.nodes.values[...last]
            frozen = Set(graph.parameters).intersection(nodes.flatMap { $0.inputs.compactMap(\.self) })
        }
        guard frozen.count < graph.parameters.count else { throw .nothingToLearn }
        return frozen
    }

    /// What the rate of each parameter is multiplied by, where that is not 1.
    func rates(in graph: Graph) -> [String: Double] {
        guard backboneRate != 1 else { return [:] }
        return Dictionary(uniqueKeysWithValues: graph.backbone.map { (graph[$0].name, backboneRate) })
    }
}
