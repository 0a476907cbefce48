import BantamGraph
import BantamModel
import BantamTraining

/// The decisions of a static quantization that are compared on samples.
struct SchemeComparison {
    private(set) var scheme: QuantizationScheme
    private(set) var rounding: WeightRounding
    /// What was compared where a scheme was to be chosen, the given one first.
    private(set) var tried: [StaticQuantizationRecord.Candidate] = []
    /// What was given and is not done, a sentence each.
    private(set) var notes: [String] = []

    /// What another scheme must gain, in dB: less than that differs from one choice of samples to the next.
    static let margin = 0.5

    init(scheme: QuantizationScheme, rounding: WeightRounding) {
        self.scheme = scheme
        self.rounding = rounding
    }

    /// Takes what makes the outputs differ least from the float model's.
    mutating func compare(
        in workshop: QuantizationWorkshop, on samples: TrainingData, _ configuration: StaticQuantizationConfiguration,
        _ profile: TargetProfile
    ) throws {
        var plain = configuration.scheme
        plain.equalizes = false
        let judge = try OutputError(
            of: workshop.graph(for: plain), on: samples, meter: workshop.meter, device: workshop.device)
        func quality(_ scheme: QuantizationScheme, _ rounding: WeightRounding = .nearest) throws -> Double {
            try judge.signalToNoise(of: try workshop.make(scheme, rounding).graph)
        }
        var best: Double?
        if configuration.choosesScheme {
            best = try choose(profile, quality: { try quality($0) })
        } else if scheme.equalizes {
            let (with, without) = (try quality(scheme), try quality(plain))
            best = max(with, without)
            settle(equalized: with, plain: without, plainScheme: plain, samples: samples.count)
        }
        guard rounding != .nearest else { return }
        let without = try best ?? quality(scheme)
        let with = try quality(scheme, rounding)
        if with < without {
            note("The rounding that was asked for", with: with, without: without, on: samples.count)
            rounding = .nearest
        }
    }

    /// Leaves equalization out where the outputs are better without.
    mutating func settle(equalized: Double, plain: Double, plainScheme: QuantizationScheme, samples: Int) {
        guard equalized < plain else { return }
        scheme = plainScheme
        note("Equalization", with: equalized, without: plain, on: samples)
    }

    /// Takes one decision after another. Trying all combinations would take five times as long; the decisions hardly
    /// depend on each other.
    ///
    /// - Returns: The quality of the scheme that is taken.
    private mutating func choose(
        _ profile: TargetProfile, quality: (QuantizationScheme) throws -> Double
    ) throws -> Double {
        var best = try quality(scheme)
        tried = [.init(scheme: scheme, signalToNoise: best)]
        func attempt(_ change: (inout QuantizationScheme) -> Void) throws {
            var other = scheme
            change(&other)
            guard !tried.contains(where: { $0.scheme == other }) else { return }
            let found = try quality(other)
            tried.append(.init(scheme: other, signalToNoise: found))
            if found > best + Self.margin { (scheme, best) = (other, found) }
        }
        for calibrator in Calibrators.all { try attempt { $0.calibrator = calibrator.name } }
        try attempt { $0.equalizes.toggle() }
        try attempt { $0.correctsBias.toggle() }
        if !profile.activations.isSymmetric { try attempt { $0.isSymmetric.toggle() } }
        return best
    }

    private mutating func note(_ what: String, with: Double, without: Double, on count: Int) {
        func text(_ decibels: Double) -> String { CompressionError.number((decibels * 10).rounded() / 10) }
        notes.append(
            "\(what) is left out: on \(count) samples the outputs have \(text(with)) dB with it and \(text(without)) dB "
                + "without.")
    }
}
