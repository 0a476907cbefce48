public import BantamGraph
public import BantamNetwork
public import BantamTensor
public import BantamTraining

/// Keeps weights zero that are zero, while the others train.
public final class SparsityMask: WeightConstraint {
    /// Where each parameter is zero.
    private let masks: [(parameter: Tensor, zeros: Tensor)]

    private static let equal = ATenOperation("aten::eq", "Scalar")
    private static let fillInPlace = ATenOperation("aten::masked_fill_", "Scalar")

    /// Remembers where the network's weights (of two and more axes) are zero now.
    public init(zerosOf network: Network) throws(TorchError) {
        masks = try withoutGradients { () throws(TorchError) in
            try network.parameters.filter { $0.tensor.rank >= 2 }.map { parameter throws(TorchError) in
                (parameter.tensor, try Self.equal.tensor(.tensor(parameter.tensor), 0))
            }
        }
    }

    public func enforce() throws(TorchError) {
        try withoutGradients { () throws(TorchError) in
            // Not a product, which would make half of them negative zeros: one bit pattern compresses better.
            for (parameter, zeros) in masks { try Self.fillInPlace(.tensor(parameter), .tensor(zeros), 0) }
        }
    }
}
