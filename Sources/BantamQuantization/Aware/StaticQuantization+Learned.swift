import BantamGraph
import BantamModel

extension StaticQuantization {
    /// The plan with parameters that were learned.
    ///
    /// - Parameter parameters: Those of each weight that is stored as integers, and of the first of the activations that
    ///   share a scale.
    /// - Throws: `noCalibrationData`, naming an activation without parameters; `notFinite`, naming a bias;
    ///   `invalidGraph`.
    func plan(
        for graph: Graph, parameters: [ValueID: QuantizationParameters]
    ) throws(CompressionError) -> StaticQuantizationPlan {
        let layout = try layout(of: graph)
        var plan = StaticQuantizationPlan(
            profile: profile.name, activations: [], weights: [], biases: [], nodes: layout.placements)
        var inputs: [QuantizationParameters] = []
        for group in layout.groups {
            guard let shared = parameters[group[0]] else { throw .noCalibrationData(for: graph[group[0]].name) }
            inputs.append(shared)
            plan.activations += group.map { .init(value: graph[$0].name, range: shared.range, parameters: shared) }
        }
        try layout.addWeights(to: &plan, inputs: inputs, learned: parameters)
        return plan
    }
}

extension QuantizationParameters {
    /// The numbers that the integers stand for, of a tensor with one scale.
    fileprivate var range: ActivationRange {
        ActivationRange(
            Float(limits.lowerBound - zeroPoint) * scales[0], Float(limits.upperBound - zeroPoint) * scales[0])
    }
}
