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
    ///
    /// - Parameter rates: What the learning rate of parameters of these names is multiplied by; 1 for others.
    public func optimizer(
        for parameters: [Network.Parameter], rates: [String: Double] = [:]
    ) throws(TorchError) -> any Optimizer {
        switch self {
        case .sgd(let momentum, let weightDecay):
            try SGD(ParameterGroup.groups(of: parameters, weightDecay: weightDecay, rates), momentum: momentum)
        case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
            try AdamW(
                ParameterGroup.groups(of: parameters, weightDecay: weightDecay, rates), beta1: beta1, beta2: beta2,
                epsilon: epsilon)
        }
    }
}

/// Parameters that share a weight decay and a factor of the learning rate.
///
/// Biases and normalization scales are not decayed: shrinking them regularizes nothing.
/// He et al., *Bag of Tricks for Image Classification*, CVPR 2019.
struct ParameterGroup {
    var names: [String]
    var tensors: [Tensor]
    var weightDecay: Double
    /// What the learning rate is multiplied by.
    var rate: Double

    /// - Parameter rates: By the parameters' names; 1 for others.
    static func groups(
        of parameters: [Network.Parameter], weightDecay: Double, _ rates: [String: Double] = [:]
    ) -> [ParameterGroup] {
        let weights = parameters.filter { $0.tensor.shape.rank > 1 }
        let others = parameters.filter { $0.tensor.shape.rank <= 1 }
        return [(weights, weightDecay), (others, 0)].flatMap { members, decay in
            let byRate = Dictionary(grouping: members) { rates[$0.name] ?? 1 }
            return byRate.keys.sorted().compactMap { rate in
                byRate[rate].map { members in
                    ParameterGroup(
                        names: members.map(\.name), tensors: members.map(\.tensor), weightDecay: decay, rate: rate)
                }
            }
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
