import BantamGraph
import BantamModel
import BantamTraining

extension PostTrainingQuantization {
    /// Quantizes what the limits allow.
    ///
    /// Each operator's sensitivity is measured on its own, by simulation; whether a choice of precisions keeps to the
    /// limits is measured on the file that it gives.
    ///
    /// - Parameters:
    ///   - graph: Prepared for quantization.
    ///   - original: Of which a budget is a share.
    ///   - ranges: Of all activations that `method` asks for.
    ///   - validation: Samples that the ranges were not measured on.
    ///   - correct: Makes up for the errors of a choice in the float weights; not done to compare single operators.
    /// - Throws: `unreachableTarget` when the limits leave no operator to compute in integers, or not enough.
    func quantize(
        _ graph: Graph, of original: Graph, _ method: StaticQuantization, ranges: [String: ActivationRange],
        within limits: PrecisionLimits,
        validation: TrainingData, correct: @escaping PrecisionTrials.Correction = { _, _, _ in }
    ) throws -> (graph: Graph, choice: MixedPrecision) {
        let trials = PrecisionTrials(
            graph: graph, method: method, ranges: ranges, in: context, validation: validation,
            limits: limits, correct: correct)
        let candidates = try trials.candidates()
        let chosen =
            switch (limits.budget, limits.maximumDrop) {
            case (let budget?, _): try trials.best(of: candidates, within: budget, of: original)
            case (nil, let maximum?): try trials.fewest(of: candidates, losing: maximum)
            case (nil, nil): PrecisionTrials.Choice()
            }
        guard chosen.exceptions.count < candidates.count else {
            throw CompressionError.nothingWithinLimits(candidates.count)
        }
        let drop = try limits.maximumDrop.map { _ in try trials.drop(with: chosen.precisions) }
        if let drop, let maximum = limits.maximumDrop, drop > maximum {
            throw CompressionError.unmetDrop(maximum, least: drop)
        }
        let made = try trials.quantized(with: chosen.precisions)
        let choice = MixedPrecision(
            plan: made.plan, storage: made.storage, exceptions: chosen.exceptions, sensitivities: chosen.sensitivities,
            drop: drop, slack: chosen.slack)
        return (made.graph, choice)
    }
}
