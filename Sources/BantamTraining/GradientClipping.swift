import BantamTensor

/// Pascanu et al., *On the Difficulty of Training Recurrent Neural Networks*, ICML 2013.
enum GradientClipping {
    private static let norms = ATenOperation("aten::_foreach_norm", "Scalar")
    private static let scale = ATenOperation("aten::_foreach_mul_", "Tensor")
    private static let vectorNorm = ATenOperation("aten::linalg_vector_norm")
    private static let clampMaximum = ATenOperation("aten::clamp_max")
    private static let reciprocal = ATenOperation("aten::reciprocal")

    /// Scales all gradients down together so that their common norm is at most `limit`.
    ///
    /// - Returns: Whether the norm is finite, so that a step can be taken. On a device it is not read, as all would wait
    ///   for it: the loss tells a step later.
    static func clip(_ parameters: [Tensor], toNorm limit: Double) throws(TorchError) -> Bool {
        let gradients = parameters.compactMap(\.gradient)
        guard let device = gradients.first?.device else { return true }
        let each = try norms.call([.tensors(gradients), 2]).flatMap { $0.tensors ?? [] }
        let norm = try vectorNorm.tensor(.tensor(try Tensor.stack(each)))
        if device.kind == .cpu, !(try norm.item().isFinite) { return false }
        let factor = try reciprocal.tensor(.tensor(norm)).multiplied(by: limit)
        try scale.call([.tensors(gradients), .tensor(try clampMaximum.tensor(.tensor(factor), 1.0))])
        return true
    }
}
