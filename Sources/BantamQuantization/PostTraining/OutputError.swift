public import BantamGraph
import BantamLayerwise
import BantamModel
import BantamNetwork
public import BantamStage
public import BantamTensor
public import BantamTraining

/// How much the outputs of changed models differ from those of the model they were made from, on the same samples.
///
/// A runtime runs the models where the meter knows one, as it will run the file; libtorch does where there is none.
public struct OutputError {
    private let data: TrainingData
    private let batchSize: Int
    private let meter: ModelMeter
    private let device: Device
    /// The original's outputs, batch by batch.
    private var references: [[TensorData]] = []

    /// Runs the original.
    ///
    /// - Throws: Errors of the data, of libtorch and of the runtime.
    public init(
        of graph: Graph, on data: TrainingData, meter: ModelMeter = ModelMeter(), device: Device = .cpu
    ) throws {
        self.data = data
        self.meter = meter
        self.device = device
        batchSize = CalibrationPass.batchSize(for: graph, observing: [])
        var references: [[TensorData]] = []
        try forEachOutputs(of: graph) { references.append($0) }
        self.references = references
    }

    private static let most = 200.0

    /// The ratio of the original's outputs to their difference, in dB: 20 is a difference of a tenth.
    ///
    /// - Returns: The mean over the outputs; at most 200, which stands for no difference.
    /// - Throws: `notFinite`, naming an output that holds NaN or infinity; errors of the data, of libtorch and of the
    ///   runtime.
    public func signalToNoise(of graph: Graph) throws -> Double {
        let decibels = try ratios(of: graph)
        return decibels.isEmpty ? 0 : decibels.reduce(0, +) / Double(decibels.count)
    }

    /// The same of each output.
    func ratios(of graph: Graph) throws -> [Double] {
        var ratios = graph.outputs.map { (output: graph[$0].name, ratio: SignalToNoise()) }
        var index = 0
        try forEachOutputs(of: graph) { outputs in
            for (place, pair) in zip(references[index], outputs).enumerated() {
                let (signal, noise) = pair.0.power(andOfErrorOf: pair.1)
                guard signal.isFinite, noise.isFinite else {
                    throw CompressionError.notFinite(compared: ratios[place].output)
                }
                ratios[place].ratio.observe(signal: signal, noise: noise)
            }
            index += 1
        }
        return ratios.map { min($0.ratio.decibels ?? Self.most, Self.most) }
    }

    /// Runs a model, in the same batches each time.
    private func forEachOutputs(of graph: Graph, _ body: ([TensorData]) throws -> Void) throws {
        if let activations = meter.activations, graph.inputs.first?.dtype == .float32 {
            let observations = graph.outputs.map { ModelMeter.Observation($0, .elements) }
            var outputs: [TensorData] = []
            try activations(graph, observations, data) { _, shown, _ in
                // What is shown is overwritten by the next sample.
                outputs.append(
                    TensorData(shown.type, storage: shown.withUnsafeBytes { TensorStorage(copying: $0) }))
                guard outputs.count == observations.count else { return }
                try body(outputs)
                outputs = []
            }
            return
        }
        let network = try Network(graph, device: device)
        try data.batches(size: batchSize).forEachBatch(epoch: 0) { batch in
            let inputs = try batch.moved(to: device).inputs.fitting(graph)
            try body(try withoutGradients { try network.forward([inputs]).outputs.map { try $0.data() } })
        }
    }
}

extension TensorData {
    /// The sums of the squares of the elements and of what `other` differs from them in.
    ///
    /// - Precondition: as many elements.
    fileprivate func power(andOfErrorOf other: TensorData) -> (signal: Double, noise: Double) {
        precondition(elementCount == other.elementCount, "\(type) beside \(other.type)")
        var (signal, noise) = (0.0, 0.0)
        func add(_ reference: Double, _ value: Double) {
            signal += reference * reference
            noise += (value - reference) * (value - reference)
        }
        if dtype == .float32, other.dtype == .float32 {
            withFloats { left in
                other.withFloats { right in
                    for index in left.indices { add(Double(left[index]), Double(right[index])) }
                }
            }
        } else {
            for (left, right) in zip(numbers, other.numbers) { add(left, right) }
        }
        return (signal, noise)
    }

    /// The elements as numbers; classes and places are some, too.
    private var numbers: [Double] {
        switch dtype {
        case .int64: elements(of: Int64.self).map { Double($0) }
        case .int32: elements(of: Int32.self).map { Double($0) }
        case .uint8: elements(of: UInt8.self).map { Double($0) }
        case .int8: elements(of: Int8.self).map { Double($0) }
        default: doubles() ?? []
        }
    }
}
