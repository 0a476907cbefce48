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

    /// The signal-to-noise ratio of outputs, in dB, that leaves nearly all answers as they were.
    private static let sufficient = 30.0
    /// In dB, below which the ranges that were asked for may be the cause: what they cut off can be what counts.
    private static let poor = 20.0
    /// In dB, below which an output may be poor on other samples, or in another runtime.
    private static let sound = 22.0
    /// In dB, for which something is done that was not asked for.
    private static let leastGain = 0.2
    /// In dB, for which sums read unrounded values: ONNX Runtime then takes the layers before them out of integers.
    private static let leastGainOfSums = 0.5
    /// In dB, for which a layer is left in floating point.
    private static let leastGainInFloat = 0.25
    /// Of the MACs, what may be left in floating point.
    private static let floatShare = 0.02
    /// How many layers are tried.
    private static let floatCandidates = 4
    /// Of the range of activations, as far as each gains on the one before.
    private static let rangeShares = [0.85, 0.7, 0.55]

    init(scheme: QuantizationScheme, rounding: WeightRounding) {
        self.scheme = scheme
        self.rounding = rounding
    }

    /// Takes what makes the outputs differ least from the float model's.
    mutating func compare(
        in workshop: QuantizationWorkshop, on samples: TrainingData, _ configuration: StaticQuantizationConfiguration,
        _ profile: TargetProfile, _ observe: PostTrainingQuantization.Observer = { _, _ in }
    ) throws {
        var plain = configuration.scheme
        plain.equalizes = false
        let judge = try OutputError(of: workshop.graph(for: plain), on: samples, runtime: workshop.runtime)
        var compared = 0
        func quality(_ scheme: QuantizationScheme, _ rounding: WeightRounding = .nearest) throws -> Double {
            compared += 1
            try observe("comparing schemes (\(compared))", nil)
            return try judge.signalToNoise(of: try workshop.make(scheme, rounding).graph)
        }
        var best: Double?
        if configuration.choosesScheme {
            best = try choose(profile, quality: { try quality($0) })
        } else if scheme.equalizes {
            let (with, without) = (try quality(scheme), try quality(plain))
            best = max(with, without)
            settle(equalized: with, plain: without, plainScheme: plain, samples: samples.count)
        }
        guard rounding != .nearest else {
            if configuration.mayImprove {
                _ = try improve(workshop, from: try best ?? quality(scheme), judge, on: samples, quality, observe)
            }
            return
        }
        var without = try best ?? quality(scheme)
        let with = try quality(scheme, rounding)
        if configuration.mayImprove, rounding == .compensating, with >= without {
            // Who asks for a part of what is done without a word is to get the rest, too.
            _ = try improve(workshop, from: with, judge, on: samples, quality, observe)
            return
        }
        // Learned rounding takes minutes a scheme.
        guard with < max(without, Self.sound) else { return }
        // What was asked for is to be no worse than what would have been done without a word.
        var usual = self
        usual.rounding = .nearest
        if configuration.mayImprove {
            without = try usual.improve(workshop, from: without, judge, on: samples, quality, observe)
        }
        guard with < without else { return }
        let isLeftOut = usual.rounding != rounding
        self = usual
        guard isLeftOut else { return }
        note("The rounding that was asked for", with: with, without: without, on: samples.count)
    }

    /// Does more where the outputs have suffered: compensates the rounding of weights, adds before rounding, clips
    /// activations, and leaves early layers of few MACs in floating point; where they stay poor, the most sensitive ones.
    ///
    /// - Returns: The quality that is reached.
    private mutating func improve(
        _ workshop: QuantizationWorkshop, from start: Double, _ judge: OutputError, on samples: TrainingData,
        _ quality: (QuantizationScheme, WeightRounding) throws -> Double, _ observe: PostTrainingQuantization.Observer
    ) throws -> Double {
        guard start < Self.sufficient else { return start }
        var best = start
        func attempt(
            _ scheme: QuantizationScheme, _ rounding: WeightRounding, gaining least: Double = Self.leastGain
        ) throws -> Bool {
            guard best < Self.sufficient else { return false }
            let found = try quality(scheme, rounding)
            guard found > best + least else { return false }
            (self.scheme, self.rounding, best) = (scheme, rounding, found)
            return true
        }
        if start < Self.poor, scheme.calibrator != MinMax.name {
            _ = try attempt(scheme.overWholeRanges, rounding, gaining: Self.margin)
        }
        if rounding != .compensating { _ = try attempt(scheme, .compensating) }
        if try workshop.canAddUnrounded(in: scheme) {
            var unrounded = scheme
            unrounded.roundsSummands = false
            _ = try attempt(unrounded, rounding, gaining: Self.leastGainOfSums)
        }
        for share in Self.rangeShares {
            var clipped = scheme
            clipped.rangeShare = share
            guard try attempt(clipped, rounding) else { break }
        }
        var share = Self.floatShare
        // What is rounded first is off in all layers behind it, and layers of few MACs gain little by integers.
        let early = try workshop.layers(of: scheme).filter { $0.share <= share }.prefix(Self.floatCandidates)
        for layer in early where layer.share <= share {
            var mixed = scheme
            mixed.floatNodes.append(layer.name)
            if try attempt(mixed, rounding, gaining: Self.leastGainInFloat) { share -= layer.share }
        }
        // The mean of one output is that output's own.
        let isSingle = workshop.graph(for: scheme).outputs.count == 1
        let worst = isSingle ? best : try judge.ratios(of: workshop.make(scheme, rounding).graph).min() ?? best
        if worst < Self.sound {
            let layers = try SensitiveLayers(
                in: workshop, scheme, rounding, judge: judge, samples: samples, observe)
            if let mixed = try layers.leftInFloat(reaching: Self.sound) ?? layers.leftInFloat(reaching: Self.poor) {
                scheme.floatNodes = mixed
                best = try quality(scheme, rounding)
            }
        }
        guard best > start else { return best }
        notes.append(
            "The outputs had \(Self.text(start)) dB on \(samples.count) samples; with weights rounded by \(rounding.name) and "
                + "\(scheme) they have \(Self.text(best)).")
        return best
    }

    /// Leaves equalization out where the outputs are no better with it: what follows may do more for either.
    mutating func settle(equalized: Double, plain: Double, plainScheme: QuantizationScheme, samples: Int) {
        guard equalized < plain + Self.margin else { return }
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
        notes.append(
            "\(what) is left out: on \(count) samples the outputs have \(Self.text(with)) dB with it and "
                + "\(Self.text(without)) dB without.")
    }

    private static func text(_ decibels: Double) -> String {
        CompressionError.number((decibels * 10).rounded() / 10)
    }
}
