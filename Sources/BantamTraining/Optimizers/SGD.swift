import BantamGraph
import BantamNetwork
import BantamTensor

/// Stochastic gradient descent with Nesterov's momentum, by libtorch's fused kernel: one call for all parameters.
///
/// `v = m v + g + d w`, `w = w - r (g + d w + m v)`.
/// Sutskever et al., *On the Importance of Initialization and Momentum*, ICML 2013.
final class SGD: Optimizer {
    private let groups: [ParameterGroup]
    /// For each group, one a parameter; none without momentum.
    private let velocities: [[Tensor]]
    private let momentum: Double
    private static let update = ATenOperation("aten::_fused_sgd_")

    init(_ groups: [ParameterGroup], momentum: Double) throws(TorchError) {
        self.momentum = momentum
        self.groups = groups
        var velocities: [[Tensor]] = []
        for group in groups {
            velocities.append(momentum > 0 ? try OptimizerState.zeros(like: group.tensors) : [])
        }
        self.velocities = velocities
    }

    func step(learningRate: Double) throws(TorchError) {
        for (group, velocities) in zip(groups, velocities) {
            let (positions, gradients) = group.gradients()
            guard !positions.isEmpty else { continue }
            // The velocities start at zero, so the first step needs no special case.
            try Self.update.call([
                .tensors(positions.map { group.tensors[$0] }), .tensors(gradients),
                .tensors(momentum > 0 ? positions.map { velocities[$0] } : []), .double(group.weightDecay),
                .double(momentum), .double(learningRate * group.rate), .double(0), .bool(momentum > 0), .bool(false),
                .bool(false),
            ])
        }
    }

    var state: [(name: String, tensor: Tensor)] {
        zip(groups, velocities).flatMap { group, velocities in
            zip(group.names, velocities).map { ("velocity/\($0)", $1) }
        }
    }

    func restore(_ state: [String: TensorData]) throws(TorchError) {
        try OptimizerState.copy(state, into: self.state)
    }
}
