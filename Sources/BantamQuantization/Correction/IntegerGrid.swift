import BantamGraph
import BantamTensor

/// The integers that a weight may become, in the tensors of libtorch.
struct IntegerGrid {
    /// The weight in units of its scale.
    let quotient: Tensor
    private let scale: Tensor
    let limits: ClosedRange<Int>

    private static let round = ATenOperation("aten::round")
    private static let clamp = ATenOperation("aten::clamp")

    init(_ weight: TensorData, as parameters: QuantizationParameters, device: Device) throws(TorchError) {
        var shape = [Int](repeating: 1, count: weight.shape.rank)
        if let axis = parameters.axis { shape[axis] = parameters.scales.count }
        scale = try Tensor(TensorData(Shape(shape), parameters.scales), device: device)
        quotient = try Tensor(weight, device: device).divided(by: scale)
        limits = parameters.limits
    }

    func clamped(_ integers: Tensor) throws(TorchError) -> Tensor {
        try Self.clamp.tensor(.tensor(integers), .int(limits.lowerBound), .int(limits.upperBound))
    }

    /// The integers that are nearest to numbers in units of the scale; halves go to the even one.
    func nearest(to quotients: Tensor) throws(TorchError) -> Tensor {
        try clamped(try Self.round.tensor(.tensor(quotients)))
    }

    /// The share of the integers that are not the nearest ones.
    func shareNotNearest(_ integers: Tensor) throws(TorchError) -> Double {
        1 - (try integers.equal(to: try nearest(to: quotient)).converted(to: .float32).mean().item())
    }

    /// What the integers stand for.
    ///
    /// - Parameter integers: Of the weight's shape.
    func numbers(_ integers: Tensor) throws(TorchError) -> Tensor { try integers.multiplied(by: scale) }
}
