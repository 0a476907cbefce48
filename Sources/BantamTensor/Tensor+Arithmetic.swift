public import BantamGraph

// Elementwise operators broadcast by the NumPy rule.

extension Tensor {
    /// `self + scale * other`
    public func adding(_ other: Tensor, scaledBy scale: Double = 1) throws(TorchError) -> Tensor {
        try ATen.add.tensor(.tensor(self), .tensor(other), .scale(scale))
    }

    public func subtracting(_ other: Tensor) throws(TorchError) -> Tensor {
        try ATen.subtract.tensor(.tensor(self), .tensor(other))
    }

    public func multiplied(by other: Tensor) throws(TorchError) -> Tensor {
        try ATen.multiply.tensor(.tensor(self), .tensor(other))
    }

    public func divided(by other: Tensor) throws(TorchError) -> Tensor {
        try ATen.divide.tensor(.tensor(self), .tensor(other))
    }

    public func adding(_ number: Double) throws(TorchError) -> Tensor {
        try ATen.addScalar.tensor(.tensor(self), .double(number))
    }

    public func multiplied(by number: Double) throws(TorchError) -> Tensor {
        try ATen.multiplyScalar.tensor(.tensor(self), .double(number))
    }

    /// `[..., M, K]` by `[..., K, N]` to `[..., M, N]`, the leading axes broadcast.
    public func multiplied(byMatrix other: Tensor) throws(TorchError) -> Tensor {
        try ATen.matrixMultiply.tensor(.tensor(self), .tensor(other))
    }

    /// 1 where the elements are equal, `bool`.
    public func equal(to other: Tensor) throws(TorchError) -> Tensor {
        try ATen.equal.tensor(.tensor(self), .tensor(other))
    }

    public func absolute() throws(TorchError) -> Tensor { try ATen.absolute.tensor(.tensor(self)) }
    public func squareRoot() throws(TorchError) -> Tensor { try ATen.squareRoot.tensor(.tensor(self)) }
    public func rectified() throws(TorchError) -> Tensor { try ATen.rectify.tensor(.tensor(self)) }

    // In place. Not for tensors that the backward pass still needs.

    /// `self += scale * other`
    public func add(_ other: Tensor, scaledBy scale: Double = 1) throws(TorchError) {
        try ATen.addInPlace(.tensor(self), .tensor(other), .scale(scale))
    }

    /// `self *= number`
    public func multiply(by number: Double) throws(TorchError) {
        try ATen.multiplyInPlace(.tensor(self), .double(number))
    }

    /// `self *= other`, as a mask is applied.
    public func multiply(by other: Tensor) throws(TorchError) {
        try ATen.multiplyTensorInPlace(.tensor(self), .tensor(other))
    }

    public func fill(with number: Double) throws(TorchError) {
        try ATen.fillInPlace(.tensor(self), .double(number))
    }

    /// Overwrites the elements, converting type and device.
    public func copy(from other: Tensor) throws(TorchError) {
        try ATen.copyInPlace(.tensor(self), .tensor(other))
    }
}

extension ATenValue {
    /// A factor that integer tensors accept when it is a whole number.
    fileprivate static func scale(_ value: Double) -> ATenValue {
        Int(exactly: value).map(ATenValue.int) ?? .double(value)
    }
}
