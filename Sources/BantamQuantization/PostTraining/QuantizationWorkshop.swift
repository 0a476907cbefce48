import BantamGraph
import BantamLayerwise
import BantamModel
import BantamStage
import BantamTensor
import BantamTraining

/// The graphs and ranges that the schemes of a static quantization are made of.
final class QuantizationWorkshop {
    private let owner: PostTrainingQuantization
    private let samples: TrainingData
    private let plain: Graph
    private let equalized: Graph?
    private let equalization: StaticQuantizationRecord.Equalization?
    /// The names of the calibrators that were asked.
    private let calibrators: [String]
    /// By whether the graph is equalized.
    private var statistics: [Bool: ActivationStatistics] = [:]
    /// What ``CompensatedRounding`` made of the weights last: it does not depend on the activations' ranges.
    private var compensated: (weights: [QuantizedWeight], isEqualized: Bool, result: CompensatedRounding.Result)?

    /// Makes the graphs that the schemes need, and collects all of their statistics in one pass.
    init(
        _ prepared: Graph, _ schemes: [QuantizationScheme], _ owner: PostTrainingQuantization,
        samples: TrainingData, _ observe: PostTrainingQuantization.Observer = { _, _ in }
    ) throws {
        self.owner = owner
        self.samples = samples
        var graph = prepared
        if schemes.contains(where: \.correctsBias) { BiasCorrection.addMissingBiases(to: &graph) }
        plain = graph
        if schemes.contains(where: \.equalizes) {
            let plan = try CrossLayerEqualization().plan(for: graph)
            try plan.rescaling.apply(to: &graph)
            equalized = graph
            equalization = .init(channels: plan.channels, spread: plan.spread)
        } else {
            (equalized, equalization) = (nil, nil)
        }
        var names: [String] = []
        for scheme in schemes where !names.contains(scheme.calibrator) { names.append(scheme.calibrator) }
        self.calibrators = names
        let calibrators = try names.map { try Calibrators.calibrator(named: $0) }
        let variants = [false, true].filter { variant in schemes.contains { $0.equalizes == variant } }
        let requests = try variants.map { variant in
            let graph = variant ? equalized ?? plain : plain
            let values = try owner.method(owner.configuration.scheme).statistics(for: graph)
            let corrects = schemes.contains { $0.equalizes == variant && $0.correctsBias }
            return CalibrationPass.Request(
                graph: graph, values: values, calibrators: calibrators,
                channelMeans: corrects ? try BiasCorrection.statistics(for: graph) : [])
        }
        let found = try CalibrationPass(owner.context.runtime).statistics(of: requests, on: samples) {
            try observe("measuring activations", $0)
        }
        for (variant, found) in zip(variants, found) { statistics[variant] = found }
    }

    var runtime: any Runtime { owner.context.runtime }
    private var device: Device { owner.context.device }

    /// The float graph, ready to be planned.
    func graph(for scheme: QuantizationScheme) -> Graph { scheme.equalizes ? equalized ?? plain : plain }

    /// The layers that compute in integers, in the graph's order: by name, with their shares of all MACs.
    func layers(of scheme: QuantizationScheme) throws -> [(name: String, share: Double)] {
        let graph = graph(for: scheme)
        let scope = try QuantizationScope(graph)
        let layers = try owner.method(scheme).layout(of: graph).decisions.filter { $0.value.placement == .integer }
            .map { (name: graph[$0.key].name, macs: scope.macs(of: graph[$0.key])) }
        let total = Double(max(graph.nodes.values.reduce(0) { $0 + scope.macs(of: $1) }, 1))
        return layers.filter { $0.macs > 0 && !$0.name.isEmpty }
            .map { (name: $0.name, share: Double($0.macs) / total) }
    }

    /// Whether some `Add` reads rounded values and need not: the target adds unrounded ones as cheaply.
    func canAddUnrounded(in scheme: QuantizationScheme) throws -> Bool {
        let method = owner.method(scheme)
        let graph = graph(for: scheme)
        return try method.profile.addsUnrounded
            && method.layout(of: graph).decisions.contains {
                $0.value.placement == .integer && graph[$0.key].operatorName == "Add"
            }
    }

    func ranges(for scheme: QuantizationScheme) -> [String: ActivationRange] {
        guard let index = calibrators.firstIndex(of: scheme.calibrator) else { return [:] }
        let ranges = statistics[scheme.equalizes]?.ranges[index] ?? [:]
        guard scheme.rangeShare < 1 else { return ranges }
        let graph = graph(for: scheme)
        return Dictionary(
            uniqueKeysWithValues: ranges.map { name, range in
                let isBounded = graph.value(named: name).map { Self.isBounded($0, in: graph) } ?? true
                return (name, isBounded ? range : range.scaled(by: Float(scheme.rangeShare)))
            })
    }

    /// Whether the values are those of samples, or end where a function cuts them off: nothing is to be gained by clipping.
    private static func isBounded(_ value: ValueID, in graph: Graph) -> Bool {
        guard let producer = graph.producer(of: value) else { return true }
        return ["Clip", "HardSigmoid", "Sigmoid", "Softmax", "Tanh"].contains(producer.operatorName)
    }

    func make(
        _ scheme: QuantizationScheme, _ rounding: WeightRounding
    ) throws -> (graph: Graph, record: StaticQuantizationRecord) {
        var graph = graph(for: scheme)
        let plan = try owner.method(scheme).plan(for: graph, ranges: ranges(for: scheme))
        let (shifts, roundings) = try correct(&graph, plan, nil, scheme, rounding)
        try StaticQuantization.apply(plan, to: &graph)
        let record = StaticQuantizationRecord(
            plan: plan, scheme: scheme, equalization: scheme.equalizes ? equalization : nil, biasShifts: shifts,
            roundings: roundings)
        return (graph, record)
    }

    /// Rounds weights and corrects biases, as the scheme has it.
    ///
    /// - Parameter storage: How weights are stored that are not the plan's.
    func correct(
        _ graph: inout Graph, _ plan: StaticQuantizationPlan, _ storage: WeightOnlyPlan?,
        _ scheme: QuantizationScheme, _ rounding: WeightRounding
    ) throws -> (shifts: [BiasCorrection.Record], roundings: [LayerRounding.Record]) {
        let original = graph
        var (shifts, roundings): ([BiasCorrection.Record], [LayerRounding.Record]) = ([], [])
        var plan = plan
        switch rounding {
        case .nearest: break
        case .compensating:
            let result = try compensate(graph, plan, isEqualized: scheme.equalizes)
            for (weight, numbers) in result.weights { graph.setConstant(weight, to: numbers) }
            roundings = result.records
        case .adaptive(let steps):
            (shifts, roundings) = try learn(&graph, plan, scheme, steps: steps)
            // What is stored otherwise is rounded to the nearest all the same.
            plan = StaticQuantizationPlan(profile: plan.profile)
        }
        guard scheme.correctsBias else { return ([], roundings) }
        shifts += try BiasCorrection.apply(
            to: &graph, of: original, plan: plan, storage: storage,
            channelMeans: statistics[scheme.equalizes]?.channelMeans ?? [:])
        return (shifts, roundings)
    }

    private func compensate(
        _ graph: Graph, _ plan: StaticQuantizationPlan, isEqualized: Bool
    ) throws -> CompensatedRounding.Result {
        if let compensated, compensated.isEqualized == isEqualized,
            Set(compensated.weights).isSuperset(of: plan.weights)
        {
            // With other layers in floating point it is as it was for the rest.
            let names = Set(plan.weights.map(\.value))
            var result = compensated.result
            result.weights = result.weights.filter { names.contains(graph[$0.key].name) }
            return result
        }
        let count = try CompensatedRounding.sampleCount(for: graph, of: samples.count)
        let chosen = samples.sample(count, seed: owner.configuration.seed)
        let result = try CompensatedRounding(device: device)
            .weights(of: graph, plan: plan, samples: .init(chosen, for: graph, device: device))
        compensated = (plan.weights, isEqualized, result)
        return result
    }

    private func learn(
        _ graph: inout Graph, _ plan: StaticQuantizationPlan, _ scheme: QuantizationScheme, steps: Int
    ) throws -> (shifts: [BiasCorrection.Record], roundings: [LayerRounding.Record]) {
        let seed = owner.configuration.seed
        let original = graph
        var (shifts, roundings): ([BiasCorrection.Record], [LayerRounding.Record]) = ([], [])
        let size = PairedWalk.batchSize(for: graph)
        try samples.sample(size, seed: seed).batches(size: size).forEachBatch(epoch: 0) { batch in
            let inputs = try batch.moved(to: device).inputs.fitting(original)
            (roundings, shifts) = try LayerRounding(steps: steps, correctsBias: scheme.correctsBias, seed: seed)
                .apply(to: &graph, plan: plan, inputs: [inputs], device: device)
        }
        return (shifts, roundings)
    }
}

extension ActivationRange {
    fileprivate func scaled(by factor: Float) -> ActivationRange { ActivationRange(lower * factor, upper * factor) }
}
