import BantamGraph
import BantamNetwork
import BantamTensor

/// An exponential moving average of the parameters, which is less noisy than the last step's.
///
/// Polyak and Juditsky, *Acceleration of Stochastic Approximation by Averaging*, 1992. The decay is lowered during
/// the first steps, `min(decay, (1 + t) / (10 + t))`, so that the random start is forgotten.
final class WeightAverage {
    private let network: Network
    private let decay: Double
    private let averages: [Tensor]
    private var steps = 0
    private static let lerp = ATenOperation("aten::_foreach_lerp_", "Scalar")

    init(of network: Network, decay: Double) throws(TorchError) {
        self.network = network
        self.decay = decay
        averages = try network.parameters.map { (parameter) throws(TorchError) in
            try parameter.tensor.detached().cloned()
        }
    }

    func update() throws(TorchError) {
        steps += 1
        let decay = min(decay, Double(1 + steps) / Double(10 + steps))
        try Self.lerp.call([.tensors(averages), .tensors(network.parameters.map(\.tensor)), .double(1 - decay)])
    }

    /// Exchanges the averages and the network's weights.
    func swapWithNetwork() throws(TorchError) {
        try withoutGradients { () throws(TorchError) in
            for (average, parameter) in zip(averages, network.parameters) {
                let present = try parameter.tensor.cloned()
                try parameter.tensor.copy(from: average)
                try average.copy(from: present)
            }
        }
    }

    var state: [(name: String, tensor: Tensor)] {
        zip(network.parameters, averages).map { ($0.name, $1) }
    }

    func restore(_ stored: [String: TensorData], steps: Int) throws(TorchError) {
        self.steps = steps
        try OptimizerState.copy(stored, into: state)
    }
}
