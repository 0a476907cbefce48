package import BantamModel
package import BantamTensor

extension SignalToNoise {
    /// Takes all values of a tensor into account. Infinity is no signal, and no noise where both have it: masks are made of it.
    ///
    /// - Parameter value: The tensor's name, for the error.
    /// - Throws: `notFinite` when either holds NaN, or infinity where the other does not; errors of libtorch.
    package mutating func observe(_ found: Tensor, reference: Tensor, of value: String) throws {
        var signal = try Self.sumOfSquares(reference)
        var noise = try Self.sumOfSquares(try found.subtracting(reference))
        if !signal.isFinite || !noise.isFinite {
            signal = try Self.sumOfSquares(
                try Self.replaceNonFinite.tensor(.tensor(reference), .double(.nan), .double(0), .double(0)))
            noise = try Self.sumOfSquares(
                try Self.fill.tensor(
                    .tensor(try found.subtracting(reference)), .tensor(try found.equal(to: reference)), .double(0)))
        }
        guard signal.isFinite, noise.isFinite else { throw CompressionError.notFinite(compared: value) }
        observe(signal: signal, noise: noise)
    }

    private static let replaceNonFinite = ATenOperation("aten::nan_to_num")
    private static let fill = ATenOperation("aten::masked_fill", "Scalar")

    private static func sumOfSquares(_ tensor: Tensor) throws(TorchError) -> Double {
        let numbers = try tensor.converted(to: .float64)
        return try numbers.multiplied(by: numbers).sum().item()
    }
}
