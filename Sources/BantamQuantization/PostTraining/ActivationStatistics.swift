package import BantamGraph
package import BantamModel

/// What was found out about the activations of one graph.
///
/// Memory does not grow with the number of samples.
package struct ActivationStatistics {
    /// For each calibrator, the ranges by the activations' names.
    package private(set) var ranges: [[String: ActivationRange]] = []
    /// The mean of each channel over all samples, by the activations' names.
    package private(set) var channelMeans: [String: [Float]] = [:]

    private let observations: [(name: String, extent: Observation.Extent)]
    private var calibrations: [Calibration]
    /// Bounds of samples that make a batch together.
    private var pending: [String: (bounds: ActivationRange, samples: Int)] = [:]
    private var sums: [String: (channels: [Double], samples: Int)] = [:]

    /// Samples whose bounds a calibrator is shown as those of one batch: an average of bounds depends on it.
    private static let batchSize = 64

    package init(_ request: CalibrationPass.Request) {
        observations = request.observations.map { (request.graph[$0.value].name, $0.extent) }
        let names = request.values.map { request.graph[$0].name }
        calibrations = request.calibrators.map { Calibration(of: names, with: $0) }
    }

    /// Takes into account what is seen of some samples.
    ///
    /// - Throws: `notFinite`, `dtypeMismatch` or `noCalibrationData`, naming the activation.
    package mutating func observe(_ data: TensorData, at index: Int, samples: Int) throws(CompressionError) {
        let (name, extent) = observations[index]
        switch extent {
        case .elements: try show(data, of: name)
        case .bounds:
            guard data.dtype == .float32, data.elementCount == 2,
                let bounds = data.withFloats({ ActivationRange(around: $0) })
            else { return try show(data, of: name) }
            let known = pending[name]
            let union = known?.bounds.union(bounds) ?? bounds
            pending[name] = (union, (known?.samples ?? 0) + samples)
            if pending[name]?.samples ?? 0 >= Self.batchSize { try showPending(of: name) }
        case .channelMeans:
            let means = data.elements(of: Float.self)
            guard means.allSatisfy(\.isFinite) else { throw .notFinite(activation: name) }
            var sum = sums[name] ?? ([Double](repeating: 0, count: means.count), 0)
            precondition(sum.channels.count == means.count, "\(name) has \(means.count) channels")
            for channel in means.indices { sum.channels[channel] += Double(means[channel]) * Double(samples) }
            sums[name] = (sum.channels, sum.samples + samples)
        }
    }

    /// To be called when all samples have been seen.
    ///
    /// - Throws: `noCalibrationData`, naming an activation that was never observed.
    package mutating func finish() throws(CompressionError) {
        for name in pending.keys.sorted() { try showPending(of: name) }
        ranges = []
        for calibration in calibrations { ranges.append(try calibration.ranges()) }
        channelMeans = sums.mapValues { sum in sum.channels.map { Float($0 / Double(max(sum.samples, 1))) } }
    }

    private mutating func showPending(of name: String) throws(CompressionError) {
        guard let bounds = pending.removeValue(forKey: name)?.bounds else { return }
        try show(TensorData([2], [bounds.lower, bounds.upper]), of: name)
    }

    private mutating func show(_ data: TensorData, of name: String) throws(CompressionError) {
        for index in calibrations.indices { try calibrations[index].observe(data, of: name) }
    }
}
