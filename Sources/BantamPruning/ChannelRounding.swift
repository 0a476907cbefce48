package import BantamGraph
import BantamModel
package import BantamStage

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
        meter: ModelMeter, fasterThan original: Graph
    ) throws -> StructuredPruning.Plan {
        let plan = try StructuredPruning.plan(for: graph, configuration, evidence: evidence, meter: meter)
        guard configuration.limits.channelMultiple == nil, let meterOfOriginal = meter.speedup else { return plan }
        let compare = try meterOfOriginal(original)
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
            let plan = try reachable {
                try StructuredPruning.plan(for: graph, rounded, evidence: evidence, meter: meter)
            }
            if let plan, let achieved = try speedup(plan), achieved > best.speedup { best = (plan, achieved) }
        }
        return achieved <= 1 || best.speedup > worthwhile * achieved ? best.plan : plan
    }

    /// `nil` where rounding leaves too many channels for the target.
    private static func reachable(_ plan: () throws -> StructuredPruning.Plan) throws -> StructuredPruning.Plan? {
        do {
            return try plan()
        } catch let error as CompressionError where [.unreachableTarget, .nothingToCompress].contains(error.code) {
            return nil
        }
    }
}
