import BantamGraph
import BantamModel
import BantamNetwork

/// A meter that says what a test wants it to say.
struct ScriptedMeter: CostMeter {
    var size: (Graph) throws -> ByteCount = { _ in throw CompressionError.noMeter(for: .fileSize) }
    var time: (Graph) throws -> Duration = { _ in throw CompressionError.noMeter(for: .latency) }
    var compare: (Graph) throws -> (Graph) throws -> Double? = { _ in { _ in nil } }

    func fileSize(of graph: Graph) throws -> ByteCount { try size(graph) }
    func latency(of graph: Graph) throws -> Duration { try time(graph) }
    func speedup(over original: Graph) throws -> (Graph) throws -> Double? { try compare(original) }
}

/// A runtime that answers and shows what a test wants it to; libtorch does the rest.
struct ScriptedRuntime: Runtime {
    /// The class that a model gives to each sample, in the order in which it is asked.
    var answers: ((Graph) -> [Int])?
    /// What is shown of an observation, of all samples at once.
    var shown: ((Observation, Graph) throws -> TensorData)?
    private let torch = TorchRuntime()

    init(answers: ((Graph) -> [Int])? = nil, shown: ((Observation, Graph) throws -> TensorData)? = nil) {
        self.answers = answers
        self.shown = shown
    }

    func load(_ graph: Graph, precision: ArithmeticPrecision) throws -> any Executable {
        guard let answers else { return try torch.load(graph, precision: precision) }
        return Answers(answers(graph), classes: try TaskDescription(of: graph).classCount ?? 1)
    }

    func observe(
        _ observations: [Observation], in graph: Graph, next: () throws -> TensorData?,
        show: (Int, TensorData, Int) throws -> Void
    ) throws {
        guard let shown else { return try torch.observe(observations, in: graph, next: next, show: show) }
        var samples = 0
        while let batch = try next() { samples += batch.shape[0] }
        for (index, observation) in observations.enumerated() {
            try show(index, try shown(observation, graph), samples)
        }
    }

    func batchSize(for graph: Graph, observing observations: [Observation]) -> Int {
        torch.batchSize(for: graph, observing: observations)
    }

    private final class Answers: Executable {
        private var remaining: ArraySlice<Int>
        private let classes: Int

        init(_ answers: [Int], classes: Int) {
            remaining = answers[...]
            self.classes = classes
        }

        func run(_ inputs: [TensorData]) throws -> [TensorData] {
            let count = inputs[0].shape[0]
            let scores = remaining.prefix(count).flatMap { answer in
                (0..<classes).map { $0 == answer ? 1 : 0 as Float }
            }
            remaining = remaining.dropFirst(count)
            return [TensorData([count, classes], scores)]
        }
    }
}
