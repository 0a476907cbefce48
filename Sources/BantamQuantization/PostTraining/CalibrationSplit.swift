import BantamMedia
import BantamTensor
package import BantamTraining

/// Which samples ranges are measured on, which ones schemes are compared on, and which ones limits are measured on.
///
/// Ranges are never measured on samples that are held out to judge the result. Schemes are compared on those, if they are at
/// least 64: what a handful says of a scheme is chance, so of fewer the samples that ranges are measured on serve beside them.
package struct CalibrationSplit {
    private(set) var calibration: TrainingData
    private(set) var judging: TrainingData
    private(set) var validation: TrainingData

    /// The samples on which schemes are compared.
    private static let judgingCount = 64
    /// Of fewer samples the ranges are likely to be too narrow, which is said.
    private static let fewestSamples = 16

    /// - Parameters:
    ///   - compares: Whether schemes are compared.
    init(of data: TrainingData, samples: Int, seed: UInt64, compares: Bool) {
        let parts = data.settingAside()
        calibration = parts.training.sample(samples, seed: seed)
        validation = parts.heldOut ?? calibration
        let judgesApart = compares && parts.heldOut?.count ?? 0 >= Self.judgingCount
        judging = (judgesApart ? validation : data).sample(Self.judgingCount, seed: seed)
    }

    /// Says where samples are so few, or so much alike, that ranges of other inputs may be wider.
    package static func notes(on samples: TrainingData) throws -> [String] {
        let distinct = try distinctCount(of: samples)
        guard distinct < fewestSamples else { return [] }
        let what =
            distinct == samples.count
            ? "\(distinct) sample\(distinct == 1 ? "" : "s")"
            : "\(samples.count) samples of which \(distinct == 1 ? "all are equal" : "only \(distinct) differ")"
        return ["Calibrated on \(what): the ranges may be too narrow for other inputs; give at least 100 samples."]
    }

    /// How many different samples there are, up to as many as are enough.
    private static func distinctCount(of samples: TrainingData) throws -> Int {
        let batches = try samples.batches(size: 1).loader.batches(epoch: 0)
        var known: Set<Int> = []
        while known.count < fewestSamples, let batch = try batches.next() {
            var hasher = Hasher()
            batch.inputs.withUnsafeBytes { hasher.combine(bytes: $0) }
            known.insert(hasher.finalize())
        }
        return known.count
    }
}
