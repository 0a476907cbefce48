package import BantamGraph
package import BantamNetwork
package import BantamTensor
import BantamTraining

/// Keeps learned scales positive.
///
/// A step that goes too far would otherwise make a scale negative, or so small that all numbers lie beyond the limits,
/// where no derivative leads back. Esser et al. leave scales free; theirs start from the mean of the weights.
package final class ScaleFloor: WeightConstraint {
    private let bounds: [(scale: Tensor, floor: Tensor)]

    /// The share of the calibrated scale below which a scale may not fall: 4 of 8 bits are then beyond the limits.
    package static let share = 1.0 / 16

    private static let clampInPlace = ATenOperation("aten::clamp_", "Tensor")

    /// - Parameter scales: Parameters of the network, which hold the calibrated scales.
    package init(_ scales: [ValueID], of network: Network) throws(TorchError) {
        bounds = try withoutGradients { () throws(TorchError) in
            try scales.compactMap { network.tensor(of: $0) }.map { scale throws(TorchError) in
                (scale, try scale.multiplied(by: Self.share))
            }
        }
    }

    package func enforce() throws(TorchError) {
        try withoutGradients { () throws(TorchError) in
            for (scale, floor) in bounds { try Self.clampInPlace(.tensor(scale), .tensor(floor), .none) }
        }
    }
}
