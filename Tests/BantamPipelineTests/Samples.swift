import BantamGraph
import BantamMedia
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining

extension TinyGraphs {
    static let names = all.map(\.name)

    static func named(_ name: String) -> Graph? { all.first { $0.name == name } }
}

extension Graph {
    var macs: Int { get throws { try CostAnalysis(of: self).total.macs } }

    /// What the model computes, by the executor.
    func run(_ inputs: [TensorData]) throws -> [TensorData] {
        let network = try Network(self)
        return try withoutGradients {
            try network.forward(try inputs.map { try Tensor($0) }).outputs.map { try $0.data() }
        }
    }

    /// The numbers of a weight.
    func numbers(_ name: String) -> [Float] { constant(named: name)?.elements(of: Float.self) ?? [] }

    mutating func setNumbers(_ name: String, _ change: (Int, Float) -> Float) {
        guard let value = value(named: name), let data = constants[value] else { return }
        setConstant(value, to: TensorData(data.shape, numbers(name).enumerated().map { change($0.offset, $0.element) }))
    }

    /// The names of the weights with at least two axes, in order.
    var weightNames: [String] {
        parameters.filter { constants[$0].map { $0.shape.rank >= 2 } ?? false }.map { self[$0].name }
    }
}

extension GraphBuilder {
    /// A convolution with these weights, which keeps the extent where the kernel is odd.
    mutating func convolution(
        _ x: ValueID, _ name: String, weight: TensorData,
        attributes: [(name: String, value: Attribute)] = []
    ) -> ValueID {
        let kernel = Array(weight.shape.dimensions.dropFirst(2))
        let stored = constant("\(name).weight", weight)
        let pads = (kernel + kernel).map { $0 / 2 }
        var all = ["kernel_shape": Attribute.ints(kernel), "pads": .ints(pads)]
        for attribute in attributes { all[attribute.name] = attribute.value }
        return node(
            "Conv", [x, stored], name: name,
            attributes: .init(uniqueKeysWithValues: all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }
}

/// Which third of a noisy image or clip is bright: a problem that a tiny network learns in a few steps.
struct BandSamples {
    /// Frames of a clip; `nil` for images.
    var frames: Int?
    var count = 48
    var isLabelled = true

    private static let side = 6

    /// `[H, W]` or `[T, H, W]`
    private var space: [Int] { (frames.map { [$0] } ?? []) + [Self.side, Self.side] }

    /// - Parameter heldOut: The share that is set aside to judge what the others teach.
    func data(heldOut: Double = HoldOut().share) throws -> TrainingData {
        let samples = (0..<count).map { index in
            let content = frames.map { frames in Sample.Content.clip((0..<frames).map { image(index, frame: $0) }) }
            let label = isLabelled ? index % 3 : Sample.noLabel
            return Sample(content ?? .image(image(index, frame: 0)), label: label, name: "sample \(index)")
        }
        let preprocessing = try Preprocessing(
            colorOrder: .gray, mean: [0.4], std: [0.25], clip: frames.map { ClipSampling(frameCount: $0) })
        var data = TrainingData(
            SampleArray(samples, classNames: isLabelled ? ["top", "middle", "bottom"] : []),
            preprocessing: preprocessing)
        data.holdOut.share = heldOut
        return data
    }

    private func image(_ index: Int, frame: Int) -> Image {
        var random = SeededGenerator(seed: 0).stream("sample \(index) frame \(frame)")
        let pixels = (0..<Self.side * Self.side).map { position -> UInt8 in
            let isBright = position * 3 / (Self.side * Self.side) == index % 3
            return UInt8((isBright ? 160 : 60) + random.uniform(in: -50...50))
        }
        return Image(width: Self.side, height: Self.side, channels: 1, pixels: pixels)
    }

    /// Two convolutions, the first with BatchNorm, and a linear layer.
    func classifier(seed: UInt64 = 1, width: Int = 6) -> Graph {
        var build = LayerBuilder(name: "band", weights: .random(seed: seed))
        let kernel = space.map { _ in 3 }
        let padding = space.map { _ in 1 }
        let input = build.graph.input("input", .float32, ["N", 1] + space.map { .fixed($0) })
        var x = build.convolution(input, "conv1", channels: (1, width), kernel: kernel, padding: .symmetric(padding))
        x = build.relu(build.batchNorm(x, "bn1", channels: width), "relu1")
        x = build.convolution(x, "conv2", channels: (width, 8), kernel: kernel, padding: .symmetric(padding))
        x = build.maxPool(build.relu(x, "relu2"), "pool", kernel: space.map { _ in 2 })
        let features = 8 * space.reduce(1) { $0 * ($1 / 2) }
        build.graph.output(build.linear(build.flatten(x), "fc", features: (features, 3)), name: "logits")
        return build.graph.graph
    }
}

extension TrainingConfiguration {
    /// A few quick epochs at a constant rate.
    static func quick(epochs: Int = 3, rate: Double = 0.05) -> TrainingConfiguration {
        TrainingConfiguration(
            epochs: epochs, batchSize: 16, schedule: LearningRateSchedule(peak: rate, decay: .constant),
            keepsBest: false)
    }
}
