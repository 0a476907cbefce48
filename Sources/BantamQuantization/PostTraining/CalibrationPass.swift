package import BantamGraph
import BantamNetwork
package import BantamStage
package import BantamTensor
package import BantamTraining

/// One reading of the calibration samples, in which all statistics are collected that were asked for.
///
/// Statistics are asked for by graph and calibrator. Each sample runs through every graph once, and each calibrator is
/// shown what came.
package struct CalibrationPass {
    /// Statistics of one graph's activations.
    package struct Request {
        package var graph: Graph
        /// Of which the ranges are asked for.
        package var values: [ValueID]
        package var calibrators: [any Calibrator]
        /// Of which the channels' means are asked for.
        package var channelMeans: [ValueID]

        package init(
            graph: Graph, values: [ValueID], calibrators: [any Calibrator], channelMeans: [ValueID] = []
        ) {
            self.graph = graph
            self.values = values
            self.calibrators = calibrators
            self.channelMeans = channelMeans
        }

        package var observations: [ModelMeter.Observation] {
            let needsOnlyBounds = calibrators.allSatisfy { type(of: $0).extent == .bounds }
            return values.map { ModelMeter.Observation($0, needsOnlyBounds ? .bounds : .elements) }
                + channelMeans.map { ModelMeter.Observation($0, .channelMeans) }
        }
    }

    private let meter: ModelMeter
    private let device: Device

    package init(_ meter: ModelMeter = ModelMeter(), device: Device = .cpu) {
        self.meter = meter
        self.device = device
    }

    /// What the observed activations of a batch may take.
    package static let memory = 256 << 20
    private static let largestBatch = 64

    /// As many samples as keep the activations that are observed, and those in between, to some bytes, 256 MB by default;
    /// at most 64.
    package static func batchSize(for graph: Graph, observing values: [ValueID], within memory: Int = memory) -> Int {
        do throws(GraphError) {
            let types = try ShapeInference(of: graph)
            let observed = Set(values).reduce(0) { $0 + (types[$1]?.byteCount.bytes ?? 0) }
            let sample = observed + Liveness(of: graph, types: types).peak.bytes
            return min(max(memory / max(sample, 1), 1), largestBatch)
        } catch {
            return 1
        }
    }

    /// - Returns: The statistics of each request.
    /// - Throws: `noCalibrationData`, `notFinite`; errors of the data, of libtorch and of the runtime.
    package func statistics(of requests: [Request], on data: TrainingData) throws -> [ActivationStatistics] {
        var statistics = requests.map(ActivationStatistics.init)
        // Who knows a runtime runs each graph by itself, sample by sample; it takes no bytes.
        let isRunElsewhere = requests.map { meter.activations != nil && $0.graph.inputs.first?.dtype == .float32 }
        for (index, request) in requests.enumerated() where isRunElsewhere[index] {
            try meter.activations?(request.graph, request.observations, data) { observation, data, samples in
                try statistics[index].observe(data, at: observation, samples: samples)
            }
        }
        let remaining = requests.indices.filter { !isRunElsewhere[$0] }
        if !remaining.isEmpty {
            let networks = try remaining.map { try Network(requests[$0].graph, device: device) }
            let values = remaining.map { requests[$0].observations.map(\.value) }
            let size = zip(networks, values).map { Self.batchSize(for: $0.graph, observing: $1) }.min()
            try data.batches(size: size ?? 1).forEachBatch(epoch: 0) { batch in
                let inputs = try batch.moved(to: device).inputs
                for (network, index) in zip(networks, remaining) {
                    try show(try inputs.fitting(network.graph), to: &statistics[index], requests[index], network)
                }
            }
        }
        for index in statistics.indices { try statistics[index].finish() }
        return statistics
    }

    private func show(
        _ inputs: Tensor, to statistics: inout ActivationStatistics, _ request: Request, _ network: Network
    ) throws {
        let observations = request.observations
        let taps = try withoutGradients { try network.forward([inputs], taps: observations.map(\.value)).taps }
        for (index, observation) in observations.enumerated() {
            guard let data = try taps[observation.value]?.data() else { continue }
            // What is no number of float32 is for the calibrator to refuse.
            let shown = data.dtype == .float32 ? observation.extent.shown(of: data) : data
            try statistics.observe(shown, at: index, samples: inputs.shape[0])
        }
    }
}

extension Tensor {
    /// Loaded samples in the type that the model's input has: bytes for a model that takes pixels.
    package func fitting(_ graph: Graph) throws(TorchError) -> Tensor {
        guard let dtype = graph.inputs.first?.dtype, dtype != self.dtype, dtype == .uint8 else { return self }
        return try converted(to: dtype)
    }
}
