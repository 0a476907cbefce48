import BantamLayerwise
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

    /// - Parameters:
    ///   - grid: Of the layer's weight.
    ///   - expected: What the layer should compute.
    ///   - isRectified: Whether only the positive part of the result matters.
    /// - Returns: The integers, of the weight's shape.
    func integers(
        of grid: IntegerGrid, in layer: SingleLayer, expected: Tensor, isRectified: Bool
    ) throws -> Tensor {
        func visible(_ result: Tensor) throws(TorchError) -> Tensor { isRectified ? try result.rectified() : result }
        let floor = try ATenOperation("aten::floor").tensor(.tensor(grid.quotient))
        let learned = try Self.logit(ofFraction: try grid.quotient.subtracting(floor))
        let expected = try visible(expected)
        let nearest = try grid.numbers(try grid.nearest(to: grid.quotient))
        // In units of the error to be undercut, so that one penalty suits all layers.
        let worst = try visible(try layer.run(weight: nearest)).subtracting(expected)
        let size = max(try worst.multiplied(by: worst).mean().item(), .leastNormalMagnitude)
        try learn(learned, samples: expected.shape[0]) { up, rows in
            let weight = try grid.numbers(try grid.clamped(try floor.adding(up)))
            let result = try visible(try layer.run(weight: weight, rows: rows))
            let error = try result.subtracting(try expected.selecting(rows, axis: 0))
            return try error.multiplied(by: error).mean().multiplied(by: 1 / size)
        }
        let isUp = try ATenOperation("aten::ge", "Scalar").tensor(.tensor(learned), 0)
        return try grid.clamped(try floor.adding(try isUp.converted(to: .float32)))
    }

    /// - Parameters:
    ///   - learned: Changed in place.
    ///   - count: The number of samples to choose from.
    ///   - error: The error of the layer's result, of what is added to the weights' floors and the samples to run on.
    private func learn(
        _ learned: Tensor, samples count: Int, error: (_ up: Tensor, _ rows: Tensor) throws -> Tensor
    ) throws {
        let generator = try RandomGenerator(seed: seed)
        let optimizer = try Adam(learned, learningRate: Self.learningRate)
        try withGradients {
            _ = try learned.requireGradient()
            for step in 0..<steps {
                let rows = try Tensor.permutation(count, using: generator)
                    .narrowed(axis: 0, start: 0, count: min(Self.batchSize, count))
                    .moved(to: learned.device)
                let up = try Self.stretched(learned)
                var loss = try error(up, rows)
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
