import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTraining

/// Which third of a noisy image or clip is bright: a problem that a tiny network learns in a few steps.
struct BandProblem: BatchSource {
    /// `[H, W]` or `[T, H, W]`; the height is a multiple of three.
    var space: [Int] = [6, 6]
    var sampleCount = 96
    var batchSize = 16
    var seed: UInt64 = 0

    var batchCount: Int { sampleCount / batchSize }

    func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
        var random = SeededGenerator(seed: seed).stream("order of epoch \(epoch)")
        let order = random.permutation(count: sampleCount)
        for start in stride(from: 0, to: batchCount * batchSize, by: batchSize) {
            let indices = Array(order[start..<start + batchSize])
            let labels = indices.map { Int64($0 % 3) }
            try body(
                TrainingBatch(
                    inputs: try Tensor(TensorData(Shape([batchSize, 1] + space), indices.flatMap(sample))),
                    labels: try Tensor(TensorData([batchSize], labels)), indices: indices))
        }
    }

    private func sample(_ index: Int) -> [Float] {
        var random = SeededGenerator(seed: seed).stream("sample \(index)")
        let (height, width) = (space[space.count - 2], space[space.count - 1])
        return (0..<Shape(space).elementCount).map { element in
            let row = element / width % height
            return (row * 3 / height == index % 3 ? 1 : 0) + random.normal(standardDeviation: 0.3)
        }
    }

    /// A convolution, a BatchNorm and a linear layer, bound to tensors.
    func network(seed: UInt64 = 1, channelsLast: Bool = false) throws -> Network {
        try Network(graph(seed: seed), channelsLast: channelsLast)
    }

    func graph(seed: UInt64 = 1) -> Graph {
        var build = LayerBuilder(name: "band", weights: .random(seed: seed))
        let input = build.graph.input("input", .float32, ["N", 1] + space.map { .fixed($0) })
        let kernel = space.map { _ in 3 }
        var x = build.convolution(
            input, "conv", channels: (1, 4), kernel: kernel, padding: .symmetric(kernel.map { _ in 1 }))
        x = build.maxPool(build.relu(build.batchNorm(x, "bn", channels: 4)), "pool", kernel: space.map { _ in 2 })
        let features = 4 * space.reduce(1) { $0 * ($1 / 2) }
        build.graph.output(build.linear(build.flatten(x), "fc", features: (features, 3)), name: "logits")
        return build.graph.graph
    }
}

extension TrainingConfiguration {
    /// A few quick epochs at a constant rate.
    static func quick(
        epochs: Int = 3, rate: Double = 0.05, optimizer: OptimizerConfiguration = .sgd()
    ) -> TrainingConfiguration {
        TrainingConfiguration(
            epochs: epochs, batchSize: 16, optimizer: optimizer,
            schedule: LearningRateSchedule(peak: rate, decay: .constant))
    }
}

extension Network {
    /// The numbers of a parameter or statistic.
    func numbers(_ name: String) throws -> [Float] {
        guard let value = graph.value(named: name), let tensor = tensor(of: value) else { return [] }
        return try tensor.data().elements(of: Float.self)
    }
}
