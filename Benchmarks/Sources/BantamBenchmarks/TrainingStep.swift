import BantamGraph
import BantamModel
import BantamNetwork
import BantamTensor
import BantamTraining

/// A model, a batch of noise that stays the same, and the trainer that everyone uses.
struct TrainingStep {
    private let network: Network
    private let configuration: TrainingConfiguration
    private let batch: TrainingBatch

    init(model: String, precision: String) throws {
        guard let precision = ArithmeticPrecision(rawValue: precision) else {
            throw BenchmarkError("there is no precision \(precision); try float32 or bfloat16")
        }
        let (graph, batchSize) = try Self.model(named: model)
        network = try Network(graph)
        configuration = TrainingConfiguration(
            epochs: 1, batchSize: batchSize, optimizer: .sgd(momentum: 0.9, weightDecay: 5e-4),
            schedule: LearningRateSchedule(peak: 0.001, decay: .constant), precision: precision)
        let generator = try RandomGenerator(seed: 0)
        let inputShape = Shape([batchSize] + graph.inputs[0].dimensions.compactMap(\.fixedSize))
        batch = TrainingBatch(
            inputs: try Tensor.normal(inputShape, using: generator),
            labels: try Tensor(TensorData([batchSize], (0..<batchSize).map { Int64($0 % 10) })),
            indices: Array(0..<batchSize))
    }

    private static func model(named name: String) throws -> (graph: Graph, batchSize: Int) {
        switch name {
        case "simple_cnn": (try Architectures.variant(named: name).graph(), 128)
        case "conv_stack": (ConvolutionStack.graph(), 32)
        default: throw BenchmarkError("there is no model \(name); try simple_cnn or conv_stack")
        }
    }

    /// Trains for `count` steps.
    func milliseconds(perStepOf count: Int) throws -> Double {
        let source = RepeatedBatch(batch, count: count)
        _ = try Trainer(network, objective: CrossEntropy(), configuration: configuration).fit(to: source)
        return source.duration.seconds * 1000 / Double(count)
    }
}

/// The same batch over and over, and the time it took to train on it.
private final class RepeatedBatch: BatchSource {
    let batchCount: Int
    private let batch: TrainingBatch
    private(set) var duration = Duration.zero

    init(_ batch: TrainingBatch, count: Int) {
        self.batch = batch
        batchCount = count
    }

    func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
        duration = try ContinuousClock().measure {
            for _ in 0..<batchCount { try body(batch) }
        }
    }
}
