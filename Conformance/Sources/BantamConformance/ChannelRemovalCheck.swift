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
        guard removal.difference > tolerance else { return removal }
        if let exact = try? exactDifference(of: proof, inputs: inputs) {
            removal.differenceInFloat32 = removal.difference
            removal.difference = exact
            guard exact > exactTolerance else { return removal }
            removal.culprit = try proof.parts.first {
                try exactDifference(of: $0, inputs: inputs) > exactTolerance
            }?.removals[0].group.label
        } else {
            removal.culprit = try proof.parts.first { part in
                let outputs = try part.removed().run(inputs)
                return try Comparison.difference(outputs, try part.disabled().run(inputs)) > tolerance
            }?.removals[0].group.label
        }
        return removal
    }

    /// In float64. Two orders of adding up float32 may lie further apart than what is tolerated, where a model cancels
    /// large numbers out.
    private static func exactDifference(of proof: RemovalProof, inputs: [TensorData]) throws -> Double {
        let inputs = inputs.map { $0.inDoublePrecision() }
        return try Comparison.difference(
            try proof.removed().inDoublePrecision().run(inputs), try proof.disabled().inDoublePrecision().run(inputs))
    }
}

extension Graph {
    func run(_ inputs: [TensorData]) throws -> [TensorData] {
        let network = try Network(self)
        let tensors = try inputs.map { try Tensor($0) }
        return try withoutGradients { try network.forward(tensors).outputs.map { try $0.data() } }
    }
}
