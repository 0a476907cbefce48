public import BantamNetwork
public import BantamTensor

/// The mean square of each output in units of its own spread: a loss for criteria that judge channels by gradients, of
/// models whose task is not known.
///
/// The distance from the model's own outputs would not do: it is zero where it starts, and its gradient too.
public struct OutputEnergy: Objective {
    private static let leastVariance = 1e-12

    public init() {}

    public func loss(of result: Network.Result, on batch: TrainingBatch) throws -> Tensor {
        var sum: Tensor?
        for output in result.outputs where output.dtype.isFloatingPoint {
            let output = try output.converted(to: .float32)
            let fixed = try output.detached()
            let centred = try fixed.subtracting(try fixed.mean())
            let variance = try centred.multiplied(by: centred).mean()
            guard try variance.item() > Self.leastVariance else { continue }
            let energy = try output.multiplied(by: output).mean().divided(by: variance)
            sum = try sum?.adding(energy) ?? energy
        }
        guard let sum else { throw TrainingError.nothingToMatch }
        return sum
    }
}
