public import BantamGraph
import BantamLayerwise
public import BantamModel
public import BantamNetwork
public import BantamTraining

/// How much the outputs of changed models differ from those of the model they were made from, on the same samples.
///
public struct OutputError {
    private let data: TrainingData
    private let runtime: any Runtime
    /// The original's outputs, batch by batch.
    private var references: [[TensorData]] = []

    /// Runs the original.
    ///
    /// - Parameter runtime: Runs the models, best as what will run the file.
    /// - Throws: Errors of the data and of the runtime.
    public init(of graph: Graph, on data: TrainingData, runtime: any Runtime = TorchRuntime()) throws {
        self.data = data
        self.runtime = runtime
        var references: [[TensorData]] = []
        try forEachOutputs(of: graph) { references.append($0) }
        self.references = references
    }

    private static let most = 200.0

    /// The ratio of the original's outputs to their difference, in dB: 20 is a difference of a tenth.
    ///
    /// - Returns: The mean over the outputs; at most 200, which stands for no difference.
    /// - Throws: `notFinite`, naming an output that holds NaN or infinity; errors of the data and of the runtime.
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
        let observations = graph.outputs.map { Observation($0, .elements) }
        let batches = try data.batches(size: runtime.batchSize(for: graph, observing: observations))
            .loader.batches(epoch: 0)
        var outputs: [TensorData] = []
        try runtime.observe(observations, in: graph) {
            try batches.next()?.inputs
        } show: { _, shown, _ in
            // What is shown is overwritten by the next batch.
            outputs.append(TensorData(shown.type, storage: shown.withUnsafeBytes { TensorStorage(copying: $0) }))
            guard outputs.count == observations.count else { return }
            try body(outputs)
            outputs = []
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
