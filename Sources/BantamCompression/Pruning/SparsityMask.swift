public import BantamGraph
public import BantamNetwork
public import BantamTensor
public import BantamTraining

/// Keeps weights zero that are zero, while the others train.
public final class SparsityMask: WeightConstraint {
    private let masks: [(parameter: Tensor, mask: Tensor)]

    private static let notEqual = ATenOperation("aten::ne", "Scalar")

    /// Remembers where the network's weights (of two and more axes) are zero now.
    public init(zerosOf network: Network) throws(TorchError) {
        masks = try withoutGradients { () throws(TorchError) in
            var masks: [(parameter: Tensor, mask: Tensor)] = []
            for parameter in network.parameters where parameter.tensor.rank >= 2 {
                let mask = try Self.notEqual.tensor(.tensor(parameter.tensor), 0)
                masks.append((parameter.tensor, try mask.converted(to: parameter.tensor.dtype)))
            }
            return masks
        }
    }

    public func enforce() throws(TorchError) {
        try withoutGradients { () throws(TorchError) in
            for (parameter, mask) in masks { try parameter.multiply(by: mask) }
        }
    }
}
