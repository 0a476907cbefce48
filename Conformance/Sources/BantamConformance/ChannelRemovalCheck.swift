import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport

/// Removes half of the channels of a model, and compares it with the whole model in which they have no effect.
enum ChannelRemovalCheck {
    /// The largest difference that counts as the same, relative to the largest number of an output. Bantam runs both.
    static let tolerance = 1e-5
    /// The same in float64, where rounding is no excuse.
    static let exactTolerance = 1e-10

    /// Removes half of the heads of every attention too, with half of the channels of all other groups.
    ///
    /// - Returns: `nil` for a model that has none.
    static func headRemoval(
        in graph: Graph, inputs: [TensorData], whole: [TensorData]
    ) throws -> ModelOutcome.Removal? {
        let groups = try [AttentionChannels.headDimensions, .heads].map {
            try ChannelGroups(of: graph, attention: $0).groups
        }
        return groups[0] == groups[1] ? nil : try removal(in: graph, .heads, inputs: inputs, whole: whole)
    }

    /// Removes half of the channels of every group at once; see ``RemovalProof``.
    static func removal(
        in graph: Graph, _ attention: AttentionChannels = .headDimensions, inputs: [TensorData], whole: [TensorData]
    ) throws -> ModelOutcome.Removal {
        let groups = try ChannelGroups(of: graph, attention: attention)
        let proof = RemovalProof.halving(groups.prunable, of: graph)
        let smaller = try proof.removed()
        let (before, after) = (try CostAnalysis(of: graph).total, try CostAnalysis(of: smaller).total)
        let expected = try proof.disabled().run(inputs)
        var removal = ModelOutcome.Removal(
            groups: groups.groups.count, prunable: groups.prunable.count, halved: proof.removals.count,
            parameters: Double(after.parameters) / Double(max(before.parameters, 1)),
            difference: try Comparison.difference(try smaller.run(inputs), expected),
            effect: try Comparison.difference(expected, whole))
        guard removal.difference > removal.tolerance else { return removal }
        if let exact = try? difference(of: proof, inputs, inFloat64: true) {
            removal.differenceInFloat32 = removal.difference
            removal.difference = exact
        }
        guard removal.difference > removal.tolerance else { return removal }
        removal.culprit = try proof.parts.first { part in
            let isExact = removal.differenceInFloat32 != nil
            return try difference(of: part, inputs, inFloat64: isExact) > removal.tolerance
        }?.removals[0].group.label
        return removal
    }

    /// Two orders of adding up float32 may lie further apart than what is tolerated, where a model cancels large numbers
    /// out; in float64 they do not.
    private static func difference(
        of proof: RemovalProof, _ inputs: [TensorData], inFloat64: Bool
    ) throws -> Double {
        let (smaller, whole) = (try proof.removed(), proof.disabled())
        guard inFloat64 else { return try Comparison.difference(try smaller.run(inputs), try whole.run(inputs)) }
        let inputs = inputs.map { $0.inDoublePrecision() }
        return try Comparison.difference(
            try smaller.inDoublePrecision().run(inputs), try whole.inDoublePrecision().run(inputs))
    }
}

extension Graph {
    func run(_ inputs: [TensorData]) throws -> [TensorData] {
        let network = try Network(self)
        let tensors = try inputs.map { try Tensor($0) }
        return try withoutGradients { try network.forward(tensors).outputs.map { try $0.data() } }
    }
}
