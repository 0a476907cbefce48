import BantamGraph
import BantamNetwork
import BantamTensor

/// Learns for each weight of a layer whether to round it up or down.
///
/// A weight `w` of scale `s` becomes `s (floor(w / s) + h(v))`, with `h` a sigmoid stretched so that it reaches 0 and
/// 1. `v` starts where `h(v)` is the weight's fraction. It is learned by gradients of the squared error of the layer's
/// result, while a growing penalty `1 - |2 h - 1|^beta`, whose `beta` falls, drives each `h` to one of its ends.
///
/// - Reference: Nagel et al., *Up or Down? Adaptive Rounding for Post-Training Quantization*, ICML 2020.
struct AdaptiveRounding {
    var steps: Int
    var seed: UInt64

    private static let batchSize = 32
    private static let learningRate = 0.02
    /// Beside the error that rounding to the nearest makes, which counts as 1.
    private static let penalty = 0.5
    /// The share of the steps before the penalty sets in.
    private static let freeShare = 0.2
    private static let betas = (first: 20.0, last: 2.0)

    struct Result {
        /// The numbers that the integers stand for.
        var weight: TensorData
        /// What the layer then computes on the walk's batch.
        var result: Tensor
        var changedShare: Double
    }

    /// - Parameters:
    ///   - weight: The float weight.
    ///   - layer: The layer with the inputs to learn on.
    ///   - isRectified: Whether only the positive part of the result matters.
    func round(
        _ weight: TensorData, as parameters: QuantizationParameters, of layer: PairedWalk.Layer, isRectified: Bool
    ) throws -> Result {
        let single = try SingleLayer(layer)
        var shape = [Int](repeating: 1, count: weight.shape.rank)
        if let axis = parameters.axis { shape[axis] = parameters.scales.count }
        let scale = try Tensor(TensorData(Shape(shape), parameters.scales), device: layer.result.device)
        let quotient = try Tensor(weight, device: layer.result.device).divided(by: scale)
        let floor = try ATenOperation("aten::floor").tensor(.tensor(quotient))
        let learned = try Self.logit(ofFraction: try quotient.subtracting(floor))
        func clamped(_ integers: Tensor) throws(TorchError) -> Tensor {
            try Self.clamp.tensor(
                .tensor(integers), .int(parameters.limits.lowerBound), .int(parameters.limits.upperBound))
        }
        func numbers(_ up: Tensor) throws(TorchError) -> Tensor {
            try clamped(try floor.adding(up)).multiplied(by: scale)
        }
        let nearest = try clamped(try ATenOperation("aten::round").tensor(.tensor(quotient)))
        try learn(
            learned, on: layer, single, nearest: try nearest.multiplied(by: scale), numbers: numbers,
            isRectified: isRectified)
        let half = try ATenOperation("aten::ge", "Scalar").tensor(.tensor(learned), 0)
        let integers = try clamped(try floor.adding(try half.converted(to: .float32)))
        let changed = try integers.subtracting(nearest).absolute().mean().item()
        let rounded = try integers.multiplied(by: scale)
        return Result(
            weight: try rounded.data(), result: try single.run(weight: rounded).detached(), changedShare: changed)
    }

    private func learn(
        _ learned: Tensor, on layer: PairedWalk.Layer, _ single: SingleLayer, nearest: Tensor,
        numbers: (Tensor) throws(TorchError) -> Tensor, isRectified: Bool
    ) throws {
        func visible(_ result: Tensor) throws(TorchError) -> Tensor { isRectified ? try result.rectified() : result }
        let count = layer.expected.shape[0]
        let generator = try RandomGenerator(seed: seed)
        let expected = try visible(layer.expected)
        // In units of the error to be undercut, so that one penalty suits all layers.
        let worst = try visible(try single.run(weight: nearest)).subtracting(expected)
        let size = max(try worst.multiplied(by: worst).mean().item(), .leastNormalMagnitude)
        let optimizer = try Adam(learned, learningRate: Self.learningRate)
        try withGradients {
            _ = try learned.requireGradient()
            for step in 0..<steps {
                let rows = try Tensor.permutation(count, using: generator)
                    .narrowed(axis: 0, start: 0, count: min(Self.batchSize, count))
                    .moved(to: layer.result.device)
                let up = try Self.stretched(learned)
                let result = try visible(try single.run(weight: try numbers(up), rows: rows))
                let error = try result.subtracting(try expected.selecting(rows, axis: 0))
                var loss = try error.multiplied(by: error).mean().multiplied(by: 1 / size)
                let progress = (Double(step) / Double(steps) - Self.freeShare) / (1 - Self.freeShare)
                if progress > 0 {
                    let beta = Self.betas.last + (Self.betas.first - Self.betas.last) * (1 - progress)
                    let ends = try up.multiplied(by: 2).adding(-1).absolute()
                    let decided = try ATenOperation("aten::pow", "Tensor_Scalar").tensor(.tensor(ends), .double(beta))
                    loss = try loss.adding(decided.mean(), scaledBy: -Self.penalty)
                }
                try loss.backward()
                try withoutGradients { () throws(TorchError) in try optimizer.step() }
            }
            _ = try learned.requireGradient(false)
        }
    }

    private static let clamp = ATenOperation("aten::clamp")
    private static let sigmoid = ATenOperation("aten::sigmoid")
    /// The sigmoid reaches from `-margin` to `1 + margin` before it is cut off.
    private static let margin = 0.1

    private static func stretched(_ learned: Tensor) throws(TorchError) -> Tensor {
        let wide = try sigmoid.tensor(.tensor(learned)).multiplied(by: 1 + 2 * margin).adding(-margin)
        return try clamp.tensor(.tensor(wide), 0, 1)
    }

    /// The inverse of ``stretched(_:)``.
    private static func logit(ofFraction fraction: Tensor) throws(TorchError) -> Tensor {
        let share = try fraction.adding(margin).multiplied(by: 1 / (1 + 2 * margin))
        return try ATenOperation("aten::logit").tensor(.tensor(share), .none).cloned()
    }
}

/// A layer as a function of its weight.
private struct SingleLayer {
    private let network: Network
    private let input: Tensor

    init(_ layer: PairedWalk.Layer) throws {
        guard let input = layer.inputs[0], let weight = layer.inputs[1] else {
            preconditionFailure("\(layer.node.label) has no weight")
        }
        self.input = input
        var graph = Graph(name: layer.node.label)
        let free = [InputDimension.free("N")] + input.shape.dimensions.dropFirst().map { .fixed($0) }
        var inputs: [ValueID?] = [
            graph.addInput("x", .float32, free),
            graph.addInput("weight", .float32, weight.shape.dimensions.map { .fixed($0) }),
        ]
        for slot in layer.inputs.dropFirst(2) {
            inputs.append(try slot.map { graph.addConstant("constant", try $0.data()) })
        }
        let output = graph.addNode(layer.node.operatorName, inputs: inputs, attributes: layer.node.attributes)[0]
        graph.addOutput(output)
        network = try Network(graph, device: input.device, channelsLast: input.isChannelsLast)
    }

    /// - Parameter rows: The samples to run on; all by default.
    func run(weight: Tensor, rows: Tensor? = nil) throws -> Tensor {
        guard let rows else { return try network.forward([input, weight]).outputs[0] }
        return try network.forward([try input.selecting(rows, axis: 0), weight]).outputs[0]
    }
}

/// Kingma and Ba, *Adam*, ICLR 2015, for one tensor.
private final class Adam {
    private let tensor, first, second: Tensor
    private let learningRate: Double
    private var steps = 0

    init(_ tensor: Tensor, learningRate: Double) throws(TorchError) {
        self.tensor = tensor
        self.learningRate = learningRate
        first = try tensor.multiplied(by: 0)
        second = try tensor.multiplied(by: 0)
    }

    func step() throws(TorchError) {
        guard let gradient = tensor.gradient else { return }
        steps += 1
        try first.multiply(by: 0.9)
        try first.add(gradient, scaledBy: 0.1)
        try second.multiply(by: 0.999)
        try second.add(try gradient.multiplied(by: gradient), scaledBy: 0.001)
        let (meanBias, squareBias) = (1 - power(0.9), 1 - power(0.999))
        let size = try second.multiplied(by: 1 / squareBias).squareRoot().adding(1e-8)
        try tensor.add(try first.divided(by: size), scaledBy: -learningRate / meanBias)
        try tensor.setGradient(nil)
    }

    private func power(_ base: Double) -> Double { (0..<steps).reduce(1) { product, _ in product * base } }
}
