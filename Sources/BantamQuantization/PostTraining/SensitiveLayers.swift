import BantamModel
import BantamTraining

/// The layers that INT8 harms most, found by what each does alone.
///
/// Errors of single layers add up nearly enough to tell which ones matter; what a choice of layers comes to is measured.
struct SensitiveLayers {
    private let workshop: QuantizationWorkshop
    private let scheme: QuantizationScheme
    private let rounding: WeightRounding
    private let judge: OutputError
    /// The most sensitive first, as many as may stay in floating point.
    private var ordered: [String] = []

    /// Each layer is run on so many samples.
    private static let samples = 16
    /// Of the MACs, what may be in floating point: with more, little of the time in integers is left.
    private static let floatShare = 0.5

    /// Measures every layer that `scheme` has in integers.
    ///
    /// - Parameters:
    ///   - judge: Of which outputs the choice is to have how many decibels.
    ///   - samples: Of which some are run.
    init(
        in workshop: QuantizationWorkshop, _ scheme: QuantizationScheme, _ rounding: WeightRounding, judge: OutputError,
        samples: TrainingData, _ observe: PostTrainingQuantization.Observer = { _, _ in }
    ) throws {
        (self.workshop, self.scheme, self.rounding, self.judge) = (workshop, scheme, rounding, judge)
        let layers = try workshop.layers(of: scheme)
        guard layers.count > 1 else { return }
        let few = try OutputError(
            of: workshop.graph(for: scheme), on: samples.sample(Self.samples, seed: 0), runtime: workshop.runtime)
        var alone = scheme
        let ratios = try layers.enumerated().map { index, layer in
            try observe("measuring layers", Double(index) / Double(layers.count))
            alone.floatNodes = scheme.floatNodes + layers.lazy.map(\.name).filter { $0 != layer.name }
            return try few.signalToNoise(of: try workshop.make(alone, .nearest).graph)
        }
        var share = 0.0
        for index in layers.indices.sorted(by: { (ratios[$0], $0) < (ratios[$1], $1) }) {
            guard share + layers[index].share <= Self.floatShare else { continue }
            share += layers[index].share
            ordered.append(layers[index].name)
        }
    }

    /// The fewest of the most sensitive layers with which every output has so many decibels, and those that are in floating
    /// point already; `nil` where half of the MACs are not enough.
    func leftInFloat(reaching decibels: Double) throws -> [String]? {
        func nodes(_ count: Int) -> [String] { scheme.floatNodes + ordered.prefix(count) }
        guard !ordered.isEmpty else { return nil }
        // As many as `upper` are enough.
        var (lower, upper) = (0, ordered.count + 1)
        while upper - lower > 1 {
            // The first question is about all of them: often enough the answer is no.
            let middle = upper > ordered.count ? ordered.count : (lower + upper) / 2
            var mixed = scheme
            mixed.floatNodes = nodes(middle)
            let ratios = try judge.ratios(of: try workshop.make(mixed, rounding).graph)
            if ratios.min() ?? 0 >= decibels {
                upper = middle
            } else if middle == ordered.count {
                return nil
            } else {
                lower = middle
            }
        }
        return nodes(upper)
    }
}
