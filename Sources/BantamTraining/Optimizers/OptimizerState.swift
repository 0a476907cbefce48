import BantamGraph
import BantamTensor

enum OptimizerState {
    /// Copies stored tensors over those of the same name; names that are not stored keep what they have.
    static func copy(
        _ stored: [String: TensorData], into state: [(name: String, tensor: Tensor)]
    ) throws(TorchError) {
        for (name, tensor) in state {
            if let data = stored[name] { try tensor.copy(from: try Tensor(data, device: tensor.device)) }
        }
    }

    private static let zerosLike = ATenOperation("aten::zeros_like")

    /// Tensors of zeros like these, in memory order too: the fused kernels walk all of a parameter's tensors in step.
    static func zeros(like tensors: [Tensor]) throws(TorchError) -> [Tensor] {
        try withoutGradients { () throws(TorchError) in
            try tensors.map { (tensor) throws(TorchError) in try zerosLike.tensor(.tensor(tensor)) }
        }
    }
}
