package import BantamGraph
import BantamLayerwise
package import BantamModel
import BantamNetwork
package import BantamStage
package import BantamTensor
package import BantamTraining

/// Static quantization on data: measures, chooses, corrects and rounds.
package struct PostTrainingQuantization {
    private let configuration: StaticQuantizationConfiguration
    private let profile: TargetProfile
    package let meter: ModelMeter
    package let device: Device
    private let data: TrainingData

    /// - Throws: `unknownName` for a target or calibrator that there is not.
    package init(
        _ configuration: StaticQuantizationConfiguration, data: TrainingData, meter: ModelMeter, device: Device
    ) throws(CompressionError) {
        self.configuration = configuration
        self.meter = meter
        self.device = device
        self.data = data
        profile = try TargetProfiles.profile(named: configuration.target)
        _ = try Calibrators.calibrator(named: configuration.calibrator)
    }

    /// A quantized model, and how it came about.
    package struct Result {
        package var graph: Graph
        package var plan: any Encodable & Sendable
        /// What a person should know of it, a sentence each.
        package var notes: [String]
    }

    package func run(on graph: Graph) throws -> Result {
        var prepared = graph
        try method(configuration.scheme).prepare(&prepared)
        var data = data
        if configuration.input == .uint8 {
            let preprocessing = data.preprocessing
            try PixelInput(scale: preprocessing.scale, mean: preprocessing.mean, std: preprocessing.std)
                .apply(to: &prepared)
            data = TrainingData(data.dataset, preprocessing: preprocessing.leavingBytes)
        }
        // Neither limits nor schemes are judged on what the ranges fit.
        let (kept, validation) = data.holdingOut(Self.validationShare, seed: configuration.seed)
        let setsAside = configuration.limits != nil || configuration.choosesScheme
        let samples = (setsAside ? kept : data).sample(configuration.samples, seed: configuration.seed)
        let workshop = try Workshop(
            prepared, configuration.choosesScheme ? candidates : [configuration.scheme], self, samples: samples)
        var (scheme, tried) = (configuration.scheme, [StaticQuantizationRecord.Candidate]())
        if configuration.choosesScheme {
            let judges = validation.sample(Self.judgingCount, seed: configuration.seed)
            (scheme, tried) = try choose(from: workshop, judges)
        }
        guard let limits = configuration.limits else {
            var (quantized, record) = try workshop.make(scheme, configuration.rounding)
            record.candidates = tried
            return Result(graph: quantized, plan: record, notes: record.notes)
        }
        let (result, choice) = try quantize(
            workshop.graph(for: scheme), method(scheme), ranges: workshop.ranges(for: scheme), within: limits,
            validation: validation
        ) { graph, plan, storage in
            _ = try workshop.correct(&graph, plan, storage, scheme, configuration.rounding)
        }
        let record = StaticQuantizationRecord(plan: choice.plan, scheme: scheme, candidates: tried)
        return Result(graph: result, plan: choice, notes: record.notes + choice.notes)
    }

    private static let validationShare = 0.1
    /// The samples on which schemes are compared.
    private static let judgingCount = 128

    private func method(_ scheme: QuantizationScheme) -> StaticQuantization {
        var profile = profile
        if scheme.isSymmetric { profile.activations = .symmetricInt8 }
        return StaticQuantization(profile: profile)
    }

    // MARK: Choice

    /// Schemes of which the statistics of all are made that the choice may come to.
    private var candidates: [QuantizationScheme] {
        Calibrators.all.flatMap { calibrator in
            [false, true].map { QuantizationScheme(calibrator: calibrator.name, equalizes: $0, correctsBias: true) }
        }
    }

    /// Takes one decision after another, each as the outputs differ least from the float model's.
    ///
    /// Trying all combinations would take five times as long; the decisions hardly depend on each other.
    private func choose(
        from workshop: Workshop, _ judges: TrainingData
    ) throws -> (scheme: QuantizationScheme, tried: [StaticQuantizationRecord.Candidate]) {
        let judge = try OutputError(of: workshop.graph(for: candidates[0]), on: judges, device: device)
        var tried: [StaticQuantizationRecord.Candidate] = []
        var best = (scheme: configuration.scheme, quality: -Double.infinity)
        func attempt(_ change: (inout QuantizationScheme) -> Void = { _ in }) throws {
            var scheme = best.scheme
            change(&scheme)
            guard !tried.contains(where: { $0.scheme == scheme }) else { return }
            let quality = try judge.signalToNoise(of: try workshop.make(scheme, .nearest).graph)
            tried.append(.init(scheme: scheme, signalToNoise: quality))
            if quality > best.quality { best = (scheme, quality) }
        }
        try attempt()
        for calibrator in Calibrators.all { try attempt { $0.calibrator = calibrator.name } }
        try attempt { $0.equalizes.toggle() }
        try attempt { $0.correctsBias.toggle() }
        if !profile.activations.isSymmetric { try attempt { $0.isSymmetric.toggle() } }
        return (best.scheme, tried)
    }

    // MARK: Making

    /// The graphs and ranges that schemes are made of.
    private struct Workshop {
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
            var (shifts, roundings): ([BiasCorrection.Record], [LayerRounding.Record]) = ([], [])
            var plan = plan
            if rounding != .nearest {
                (shifts, roundings) = try round(&graph, plan, scheme, rounding)
                // What is stored otherwise is rounded to the nearest all the same.
                plan = StaticQuantizationPlan(profile: plan.profile)
            }
            guard scheme.correctsBias else { return ([], roundings) }
            shifts += try BiasCorrection.apply(
                to: &graph, plan: plan, storage: storage,
                channelMeans: statistics[scheme.equalizes]?.channelMeans ?? [:])
            return (shifts, roundings)
        }

        private func round(
            _ graph: inout Graph, _ plan: StaticQuantizationPlan, _ scheme: QuantizationScheme,
            _ rounding: WeightRounding
        ) throws -> (shifts: [BiasCorrection.Record], roundings: [LayerRounding.Record]) {
            let (device, seed) = (owner.device, owner.configuration.seed)
            let original = graph
            var (shifts, roundings): ([BiasCorrection.Record], [LayerRounding.Record]) = ([], [])
            let size = PairedWalk.batchSize(for: graph)
            try samples.sample(size, seed: seed).batches(size: size).forEachBatch(epoch: 0) { batch in
                let inputs = try batch.moved(to: device).inputs.fitting(original)
                (roundings, shifts) = try LayerRounding(rounding, correctsBias: scheme.correctsBias, seed: seed)
                    .apply(to: &graph, plan: plan, inputs: [inputs], device: device)
            }
            return (shifts, roundings)
        }
    }
}
