package import BantamModel
package import BantamTensor

extension SignalToNoise {
    /// Takes all values of a tensor into account.
    ///
    /// - Parameter value: The tensor's name, for the error.
    /// - Throws: `notFinite` when either holds NaN or infinity; errors of libtorch.
    package mutating func observe(_ found: Tensor, reference: Tensor, of value: String) throws {
        let signal = try Self.sumOfSquares(reference)
        let noise = try Self.sumOfSquares(try found.subtracting(reference))
        guard signal.isFinite, noise.isFinite else { throw CompressionError.notFinite(compared: value) }
        observe(signal: signal, noise: noise)
    }

    private static func sumOfSquares(_ tensor: Tensor) throws(TorchError) -> Double {
        let numbers = try tensor.converted(to: .float64)
        return try numbers.multiplied(by: numbers).sum().item()
    }
}
