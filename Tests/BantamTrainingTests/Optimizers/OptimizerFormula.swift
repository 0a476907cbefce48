import BantamTraining

/// The optimizers' formulas, written out for one parameter in double precision.
struct OptimizerFormula {
    var optimizer: OptimizerConfiguration
    /// Whether the parameter is one that weight decay applies to.
    var decays: Bool
    private var first: [Double]
    private var second: [Double]
    private var steps = 0.0

    init(_ optimizer: OptimizerConfiguration, count: Int, decays: Bool) {
        self.optimizer = optimizer
        self.decays = decays
        first = [Double](repeating: 0, count: count)
        second = first
    }

    mutating func step(_ weights: inout [Double], gradients: [Double], rate: Double) {
        steps += 1
        for index in weights.indices {
            switch optimizer {
            case .sgd(let momentum, let weightDecay):
                let gradient = gradients[index] + (decays ? weightDecay : 0) * weights[index]
                first[index] = momentum * first[index] + gradient
                weights[index] -= rate * (gradient + momentum * first[index])
            case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
                weights[index] -= rate * (decays ? weightDecay : 0) * weights[index]
                first[index] = beta1 * first[index] + (1 - beta1) * gradients[index]
                second[index] = beta2 * second[index] + (1 - beta2) * gradients[index] * gradients[index]
                let mean = first[index] / (1 - power(beta1, steps))
                let variance = second[index] / (1 - power(beta2, steps))
                weights[index] -= rate * mean / (variance.squareRoot() + epsilon)
            }
        }
    }

    private func power(_ base: Double, _ exponent: Double) -> Double {
        (0..<Int(exponent)).reduce(1) { product, _ in product * base }
    }
}
