public import BantamTensor

/// `T^2 KL(softmax(teacher / T) || softmax(student / T))`: the student learns how the teacher doubts.
///
/// The factor `T^2` keeps the gradient's size independent of the temperature.
/// Hinton et al., *Distilling the Knowledge in a Neural Network*, 2015.
public struct TemperatureKL: DistillationLoss {
    public var temperature: Double

    private static let divergence = ATenOperation("aten::kl_div")
    /// ATen's number for summing over all elements.
    private static let sum = 2

    public init(temperature: Double) {
        self.temperature = temperature
    }

    public func callAsFunction(student: Tensor, teacher: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
        let sharpness = 1 / temperature
        let predicted = try student.multiplied(by: sharpness).logSoftmax(axis: 1)
        let target = try teacher.multiplied(by: sharpness).softmax(axis: 1)
        let total = try Self.divergence.tensor(.tensor(predicted), .tensor(target), .int(Self.sum), false)
        return try total.multiplied(by: temperature * temperature / Double(student.shape[0]))
    }
}
