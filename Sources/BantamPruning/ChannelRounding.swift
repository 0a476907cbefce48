package import BantamGraph
package import BantamModel

/// Sees to it that pruning makes a model faster, and not only smaller.
///
/// Kernels work on 8, 16 or 32 channels at once. A layer of 61 channels may take longer than one of 64, and a model
/// full of such layers longer than the one it was pruned from. Where that is measured, the channels that stay are
/// chosen to fill the kernels. The target is the same.
package enum ChannelRounding {
    /// What is tried, in this order.
    private static let multiples = [8, 16, 32]
    /// How many times as fast the best of them must be to be worth it, where the model is faster without: which channels
    /// go should be for the criterion to say.
    private static let worthwhile = 1.05

    /// The plan as configured; or the fastest with rounded channels, where the model would be no faster otherwise, or
    /// is a twentieth faster by it.
    ///
    /// Nothing is measured where a multiple is prescribed, or where the meter cannot compare.
    ///
    /// - Parameter original: The model that the result must be faster than.
    /// - Throws: what ``StructuredPruning`` throws for the configuration as it is.
    package static func plan(
        for graph: Graph, _ configuration: StructuredPruning.Configuration, evidence: ImportanceEvidence,
        meter: any CostMeter, fasterThan original: Graph
    ) throws -> StructuredPruning.Plan {
        let plan = try StructuredPruning.plan(for: graph, configuration, evidence: evidence, meter: meter)
        guard configuration.limits.channelMultiple == nil else { return plan }
        let compare = try meter.speedup(over: original)
        func speedup(_ plan: StructuredPruning.Plan) throws -> Double? {
            var pruned = graph
            try StructuredPruning.apply(plan, to: &pruned)
            return try compare(pruned)
        }
        guard let achieved = try speedup(plan) else { return plan }
        var best = (plan: plan, speedup: achieved)
        for multiple in multiples {
            var rounded = configuration
            rounded.limits.channelMultiple = multiple
            let plan = try StructuredPruning.reachable {
                try StructuredPruning.plan(for: graph, rounded, evidence: evidence, meter: meter)
            }
            if let plan, let achieved = try speedup(plan), achieved > best.speedup { best = (plan, achieved) }
        }
        return achieved <= 1 || best.speedup > worthwhile * achieved ? best.plan : plan
    }

    /// The plan with the multiple that suits the widths of the model's layers: 16 where half of them have 128 channels or
    /// more, 8 where they have 64, and any number below, or where the target cannot be met with these.
    ///
    /// Nothing is measured: the same model and configuration give the same plan.
    ///
    /// - Throws: what ``StructuredPruning`` throws for the configuration as it is.
    package static func usualPlan(
        for graph: Graph, _ configuration: StructuredPruning.Configuration, evidence: ImportanceEvidence,
        meter: any CostMeter
    ) throws -> StructuredPruning.Plan {
        if configuration.limits.channelMultiple == nil, configuration.target.quantity != .latency {
            for multiple in try usualMultiples(of: graph, configuration.attention) {
                var rounded = configuration
                rounded.limits.channelMultiple = multiple
                let plan = try StructuredPruning.reachable {
                    try StructuredPruning.plan(for: graph, rounded, evidence: evidence, meter: meter)
                }
                if let plan { return plan }
            }
        }
        return try StructuredPruning.plan(for: graph, configuration, evidence: evidence, meter: meter)
    }

    /// A layer has so many of the multiple that the choice among them is fine enough.
    private static let leastShare = 8

    private static func usualMultiples(
        of graph: Graph, _ attention: AttentionChannels
    ) throws(CompressionError) -> [Int] {
        do {
            let widths = try ChannelGroups(of: graph, attention: attention).prunable.map(\.channelCount).sorted()
            guard !widths.isEmpty else { return [] }
            return [16, 8].filter { widths[widths.count / 2] >= leastShare * $0 }
        } catch {
            throw .invalidGraph(error)
        }
    }
}
