import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTraining

/// One reading of the calibration samples, in which all statistics are collected that were asked for.
///
/// Statistics are asked for by graph and calibrator. Each sample runs through every graph once, and each calibrator is
/// shown what came.
struct CalibrationPass {
    /// Statistics of one graph's activations.
    struct Request {
        var graph: Graph
        var values: [ValueID]
        var calibrators: [any Calibrator]

        /// What the calibrators look at, together.
        var extent: ModelMeter.Extent {
            calibrators.allSatisfy { type(of: $0).extent == .bounds } ? .bounds : .elements
        }
    }

    private let meter: ModelMeter
    private let device: Device

    init(_ meter: ModelMeter = ModelMeter(), device: Device = .cpu) {
        self.meter = meter
        self.device = device
    }

    /// What the observed activations of a batch may take.
    private static let memory = 256 << 20
    private static let largestBatch = 64

    /// As many samples as keep the activations that are observed, and those in between, to 256 MB; at most 64.
    static func batchSize(for graph: Graph, observing values: [ValueID]) -> Int {
        do throws(GraphError) {
            let types = try ShapeInference(of: graph)
            let observed = Set(values).reduce(0) { $0 + (types[$1]?.byteCount.bytes ?? 0) }
            let sample = observed + Liveness(of: graph, types: types).peak.bytes
            return min(max(memory / max(sample, 1), 1), largestBatch)
        } catch {
            return 1
        }
    }

    /// - Returns: For each request and each of its calibrators the ranges by the activations' names.
    /// - Throws: `noCalibrationData`, `notFinite`; errors of the data, of libtorch and of the runtime.
    func ranges(of requests: [Request], on data: TrainingData) throws -> [[[String: ActivationRange]]] {
        var calibrations = requests.map { request in
            let names = request.values.map { request.graph[$0].name }
            return request.calibrators.map { Calibration(of: names, with: $0) }
        }
        func show(_ data: TensorData, _ value: ValueID, ofRequest index: Int) throws(CompressionError) {
            let name = requests[index].graph[value].name
            for calibrator in calibrations[index].indices {
                try calibrations[index][calibrator].observe(data, of: name)
            }
        }
        // Who knows a runtime runs each graph by itself, sample by sample; it takes no bytes.
        let isRunElsewhere = requests.map { meter.activations != nil && $0.graph.inputs.first?.dtype == .float32 }
        for (index, request) in requests.enumerated() where isRunElsewhere[index] {
            try meter.activations?(request.graph, request.values, data, request.extent) { value, data in
                try show(data, value, ofRequest: index)
            }
        }
        let remaining = requests.indices.filter { !isRunElsewhere[$0] }
        if !remaining.isEmpty {
            let networks = try remaining.map { try Network(requests[$0].graph, device: device) }
            let size = remaining.map { Self.batchSize(for: requests[$0].graph, observing: requests[$0].values) }.min()
            try data.batches(size: size ?? 1).forEachBatch(epoch: 0) { batch in
                let inputs = try batch.moved(to: device).inputs
                for (network, index) in zip(networks, remaining) {
                    let fed = try inputs.fitting(network.graph)
                    let values = requests[index].values
                    let taps = try withoutGradients { try network.forward([fed], taps: values).taps }
                    for value in values {
                        if let tensor = taps[value] { try show(try tensor.data(), value, ofRequest: index) }
                    }
                }
            }
        }
        return try calibrations.map { try $0.map { try $0.ranges() } }
    }
}

extension Tensor {
    /// Loaded samples in the type that the model's input has: bytes for a model that takes pixels.
    func fitting(_ graph: Graph) throws(TorchError) -> Tensor {
        guard let dtype = graph.inputs.first?.dtype, dtype != self.dtype, dtype == .uint8 else { return self }
        return try converted(to: dtype)
    }
}
