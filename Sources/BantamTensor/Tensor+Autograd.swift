public import BantamGraph
import CTorch

extension Tensor {
    /// Whether the backward pass reaches this tensor.
    public var requiresGradient: Bool { info.requires_gradient != 0 }

    /// Asks for a gradient, or no longer.
    ///
    /// - Throws: `operationFailed` for integers, and for results of operators when `required` is false.
    @discardableResult
    public func requireGradient(_ required: Bool = true) throws(TorchError) -> Tensor {
        try Torch.check("requireGradient(\(required))", operands: " of \(self)") { status in
            _ = Torch.loaded.pointee.set_requires_gradient(handle, required ? 1 : 0, status)
        }
        return self
    }

    /// What backward passes have added up, of this tensor's shape.
    public var gradient: Tensor? {
        Torch.loaded.pointee.gradient(handle).map(Tensor.init(owning:))
    }

    /// Replaces the gradient; `nil` frees it.
    ///
    /// - Throws: `operationFailed` when shapes or devices differ.
    public func setGradient(_ gradient: Tensor?) throws(TorchError) {
        try Torch.check("setGradient", operands: " of \(self)") { status in
            _ = Torch.loaded.pointee.set_gradient(handle, gradient?.handle, status)
        }
        withExtendedLifetime(gradient) {}
    }

    /// Adds the derivative of this tensor to the gradient of every tensor it was computed from that asks for one.
    ///
    /// - Parameters:
    ///   - gradient: What to multiply the derivative by, of this tensor's shape; may be left out for a scalar.
    ///   - retainingGraph: Keeps the record for another backward pass.
    /// - Throws: `operationFailed`, `outOfMemory`.
    public func backward(gradient: Tensor? = nil, retainingGraph: Bool = false) throws(TorchError) {
        try Torch.check("backward", operands: " of \(self)") { status in
            _ = Torch.loaded.pointee.backward(handle, gradient?.handle, retainingGraph ? 1 : 0, status)
        }
        withExtendedLifetime(gradient) {}
    }

    /// The same elements, out of the backward pass's sight.
    public func detached() throws(TorchError) -> Tensor { try ATen.detach.tensor(.tensor(self)) }
}
