import BantamGraph
import BantamNetwork
import BantamTensor

/// Adam with weight decay apart from the gradient, by libtorch's fused kernel.
///
/// Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, ICLR 2019.
final class AdamW: Optimizer {
    private let groups: [ParameterGroup]
    /// For each group: first moments, second moments and step counts, one a parameter.
    private let moments: [(first: [Tensor], second: [Tensor], steps: [Tensor])]
    private let beta1, beta2, epsilon: Double
    private static let advance = ATenOperation("aten::_foreach_add_", "Scalar")
    private static let update = ATenOperation("aten::_fused_adamw_")

    init(_ groups: [ParameterGroup], beta1: Double, beta2: Double, epsilon: Double) throws(TorchError) {
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
        self.groups = groups
        var moments: [(first: [Tensor], second: [Tensor], steps: [Tensor])] = []
        for group in groups {
            let steps = try group.tensors.map { (tensor) throws(TorchError) in try Tensor.zeros(.scalar) }
            moments.append(
                (try OptimizerState.zeros(like: group.tensors), try OptimizerState.zeros(like: group.tensors), steps))
        }
        self.moments = moments
    }

    func step(learningRate: Double) throws(TorchError) {
        for (group, moments) in zip(groups, moments) {
            let (positions, gradients) = group.gradients()
            guard !positions.isEmpty else { continue }
            let steps = positions.map { moments.steps[$0] }
            try Self.advance(.tensors(steps), 1)
            try Self.update.call([
                .tensors(positions.map { group.tensors[$0] }), .tensors(gradients),
                .tensors(positions.map { moments.first[$0] }), .tensors(positions.map { moments.second[$0] }),
                .tensors([]), .tensors(steps), .double(learningRate * group.rate), .double(beta1), .double(beta2),
                .double(group.weightDecay), .double(epsilon), .bool(false), .bool(false),
            ])
        }
    }

    var state: [(name: String, tensor: Tensor)] {
        zip(groups, moments).flatMap { group, moments in
            group.names.indices.flatMap { index in
                [
                    ("first/\(group.names[index])", moments.first[index]),
                    ("second/\(group.names[index])", moments.second[index]),
                    ("steps/\(group.names[index])", moments.steps[index]),
                ]
            }
        }
    }

    func restore(_ state: [String: TensorData]) throws(TorchError) {
        try OptimizerState.copy(state, into: self.state)
    }
}
