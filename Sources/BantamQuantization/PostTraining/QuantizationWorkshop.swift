import BantamGraph
import BantamLayerwise
import BantamModel
import BantamStage
import BantamTensor
import BantamTraining

/// The graphs and ranges that the schemes of a static quantization are made of.
struct QuantizationWorkshop {
    private let owner: PostTrainingQuantization
    private let samples: TrainingData
    private let plain: Graph
    private let equalized: Graph?
    private let equalization: StaticQuantizationRecord.Equalization?
    /// The names of the calibrators that were asked.
    private let calibrators: [String]
    /// By whether the graph is equalized.
    private var statistics: [Bool: ActivationStatistics] = [:]

    /// Makes the graphs that the schemes need, and collects all of their statistics in one pass.
    init(
        _ prepared: Graph, _ schemes: [QuantizationScheme], _ owner: PostTrainingQuantization,
        samples: TrainingData
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
        let pass = CalibrationPass(owner.meter, device: owner.device)
        for (variant, found) in zip(variants, try pass.statistics(of: requests, on: samples)) {
            statistics[variant] = found
        }
    }

    var meter: ModelMeter { owner.meter }
    var device: Device { owner.device }

    /// The float graph, ready to be planned.
    func graph(for scheme: QuantizationScheme) -> Graph { scheme.equalizes ? equalized ?? plain : plain }

    func ranges(for scheme: QuantizationScheme) -> [String: ActivationRange] {
        guard let index = calibrators.firstIndex(of: scheme.calibrator) else { return [:] }
        return statistics[scheme.equalizes]?.ranges[index] ?? [:]
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
            let chosen = samples.sample(CompensatedRounding.sampleCount, seed: owner.configuration.seed)
            roundings = try CompensatedRounding(device: device).apply(
                to: &graph, plan: plan, samples: .init(chosen, for: original, device: device))
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

    private func learn(
        _ graph: inout Graph, _ plan: StaticQuantizationPlan, _ scheme: QuantizationScheme, steps: Int
    ) throws -> (shifts: [BiasCorrection.Record], roundings: [LayerRounding.Record]) {
        let (device, seed) = (owner.device, owner.configuration.seed)
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
