public import BantamGraph
public import BantamNetwork
public import BantamTensor

/// A rule that turns gradients into changes of the parameters.
///
/// To add one, write a file beside this one and a case of ``OptimizerConfiguration``; the conformance suite tests that
/// it minimizes a quadratic, agrees with its formula and survives a checkpoint.
public protocol Optimizer: AnyObject {
    /// Updates every parameter in place from its gradient.
    ///
    /// - Throws: `execution` when libtorch fails.
    func step(learningRate: Double) throws(TorchError)

    /// What must be stored to go on later, by name.
    var state: [(name: String, tensor: Tensor)] { get }

    /// Takes over a stored state.
    ///
    /// - Throws: `TorchError` when an entry does not fit its parameter.
    func restore(_ state: [String: TensorData]) throws(TorchError)
}

extension OptimizerConfiguration {
    /// The optimizer this describes, with no history.
    public func optimizer(for parameters: [Network.Parameter]) throws(TorchError) -> any Optimizer {
        switch self {
        case .sgd(let momentum, let weightDecay):
            try SGD(parameters, momentum: momentum, weightDecay: weightDecay)
        case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
            try AdamW(parameters, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
        }
    }
}

/// Parameters that share a weight decay.
///
/// Biases and normalization scales are not decayed: shrinking them regularizes nothing.
/// He et al., *Bag of Tricks for Image Classification*, CVPR 2019.
struct ParameterGroup {
    var names: [String]
    var tensors: [Tensor]
    var weightDecay: Double

    static func groups(of parameters: [Network.Parameter], weightDecay: Double) -> [ParameterGroup] {
        let weights = parameters.filter { $0.tensor.shape.rank > 1 }
        let others = parameters.filter { $0.tensor.shape.rank <= 1 }
        return [(weights, weightDecay), (others, 0)].filter { !$0.0.isEmpty }.map { members, decay in
            ParameterGroup(names: members.map(\.name), tensors: members.map(\.tensor), weightDecay: decay)
        }
    }

    /// The positions of the parameters that have a gradient, and those gradients.
    func gradients() -> (positions: [Int], tensors: [Tensor]) {
        var positions: [Int] = []
        var gradients: [Tensor] = []
        for (position, tensor) in tensors.enumerated() {
            guard let gradient = tensor.gradient else { continue }
            positions.append(position)
            gradients.append(gradient)
        }
        return (positions, gradients)
    }
}
