package import BantamTensor

extension Tensor {
    /// A scalar.
    package func meanSquare() throws(TorchError) -> Tensor { try multiplied(by: self).mean() }

    /// The mean square of the difference from `expected`, as a share of the mean square of `expected`; where that is zero,
    /// itself.
    package func relativeError(from expected: Tensor) throws(TorchError) -> Double {
        let error = try subtracting(expected).meanSquare().item()
        let size = try expected.meanSquare().item()
        return size > 0 ? error / size : error
    }

    /// What each channel of a layer's result, `[N, C, ...]`, lacks of `expected` on average: `[1, C, 1, ...]`.
    package func meanShortfall(from expected: Tensor) throws(TorchError) -> Tensor {
        let axes = (0..<rank).filter { $0 != 1 }
        return try expected.subtracting(self).mean(axes: axes, keepingAxes: true)
    }
}
