package import BantamGraph
import BantamLayerwise
package import BantamModel
package import BantamStage
import BantamTensor
package import BantamTraining

/// Static quantization on data: measures, chooses, corrects and rounds.
///
/// What can harm is compared with what is done without it: ``Referee`` measures how much the outputs differ from the float
/// model's, and the better one is taken.
package struct PostTrainingQuantization {
    let configuration: StaticQuantizationConfiguration
    let profile: TargetProfile
    let context: StageContext
    private let data: TrainingData

    /// - Throws: `unknownName` for a target or calibrator that there is not.
    package init(
        _ configuration: StaticQuantizationConfiguration, data: TrainingData, in context: StageContext
    ) throws(CompressionError) {
        self.configuration = configuration
        self.context = context
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

    /// Is told what is being done, and which share of it, 0...1, where that is known.
    package typealias Observer = (_ part: String, _ share: Double?) throws -> Void

    package func run(on graph: Graph, observe: Observer = { _, _ in }) throws -> Result {
        var prepared = graph
        try method(configuration.scheme).prepare(&prepared)
        var data = data
        if configuration.input == .uint8 {
            let preprocessing = data.preprocessing
            try PixelInput(scale: preprocessing.scale, mean: preprocessing.mean, std: preprocessing.std)
                .apply(to: &prepared)
            data = data.prepared(by: preprocessing.leavingBytes)
        }
        let split = CalibrationSplit(
            of: data, samples: configuration.samples, seed: configuration.seed, compares: compares)
        let workshop = try QuantizationWorkshop(prepared, schemes, self, samples: split.calibration, observe)
        var choice = SchemeComparison(scheme: configuration.scheme, rounding: configuration.rounding)
        if compares { try choice.compare(in: workshop, on: split.judging, configuration, profile, observe) }
        let notes = try CalibrationSplit.notes(on: split.calibration) + choice.notes
        guard let limits = configuration.limits else {
            var (quantized, record) = try workshop.make(choice.scheme, choice.rounding)
            record.candidates = choice.tried
            return Result(graph: quantized, plan: record, notes: record.notes + notes)
        }
        let (result, mixed) = try quantize(
            workshop.graph(for: choice.scheme), of: graph, method(choice.scheme),
            ranges: workshop.ranges(for: choice.scheme),
            within: limits, validation: split.validation
        ) { graph, plan, storage in
            _ = try workshop.correct(&graph, plan, storage, choice.scheme, choice.rounding)
        }
        let record = StaticQuantizationRecord(plan: mixed.plan, scheme: choice.scheme, candidates: choice.tried)
        return Result(graph: result, plan: mixed, notes: record.notes + mixed.notes + notes)
    }

    func method(_ scheme: QuantizationScheme) -> StaticQuantization {
        var profile = profile
        if scheme.isSymmetric { profile.activations = .symmetricInt8 }
        var method = StaticQuantization(
            profile: profile, excludedNodes: Set(scheme.floatNodes), roundsSummands: scheme.roundsSummands)
        method.reasonForExclusion = "INT8 there harms the outputs"
        return method
    }

    /// Whether something was asked for that does harm to some models.
    private var compares: Bool {
        configuration.choosesScheme || configuration.scheme.equalizes || configuration.rounding != .nearest
            || configuration.mayImprove
    }

    /// Those of which the statistics of all are made that the choice may come to.
    private var schemes: [QuantizationScheme] {
        guard configuration.choosesScheme else {
            var plain = configuration.scheme
            plain.equalizes = false
            let asked = configuration.scheme.equalizes ? [configuration.scheme, plain] : [configuration.scheme]
            guard configuration.mayImprove, plain.calibrator != MinMax.name else {
                return asked
            }
            return asked + asked.map(\.overWholeRanges)
        }
        return Calibrators.all.flatMap { calibrator in
            [false, true].map { QuantizationScheme(calibrator: calibrator.name, equalizes: $0, correctsBias: true) }
        }
    }
}
