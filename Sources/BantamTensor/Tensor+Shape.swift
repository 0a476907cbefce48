public import BantamGraph

// Shapes, types, devices and memory order. None of these copies elements unless it must.

extension Tensor {
    /// - Parameter shape: One dimension may be -1: whatever is left.
    public func reshaped(to shape: Shape) throws(TorchError) -> Tensor {
        try ATen.reshape.tensor(.tensor(self), .ints(shape.dimensions))
    }

    /// - Parameter axes: For each axis of the result, the axis it is taken from.
    public func permuted(_ axes: [Int]) throws(TorchError) -> Tensor {
        try ATen.permute.tensor(.tensor(self), .ints(axes))
    }

    /// `count` slices along an axis, from `start`.
    public func narrowed(axis: Int, start: Int, count: Int) throws(TorchError) -> Tensor {
        try ATen.narrow.tensor(.tensor(self), .int(axis), .int(start), .int(count))
    }

    /// The slices along an axis that `indices`, `[K]` of integers, names.
    public func selecting(_ indices: Tensor, axis: Int) throws(TorchError) -> Tensor {
        try ATen.indexSelect.tensor(.tensor(self), .int(axis), .tensor(indices))
    }

    /// The slices along an axis at these positions.
    public func selecting(_ positions: [Int], axis: Int) throws(TorchError) -> Tensor {
        let indices = TensorData([positions.count], positions.map(Int64.init))
        return try selecting(try Tensor(indices, device: device), axis: axis)
    }

    /// Joins tensors that agree in all axes but one.
    public static func concatenate(_ tensors: [Tensor], axis: Int = 0) throws(TorchError) -> Tensor {
        try ATen.concatenate.tensor(.tensors(tensors), .int(axis))
    }

    /// Joins tensors of one shape along a new axis.
    public static func stack(_ tensors: [Tensor], axis: Int = 0) throws(TorchError) -> Tensor {
        try ATen.stack.tensor(.tensors(tensors), .int(axis))
    }

    /// `self` when the type is already that.
    public func converted(to dtype: DType) throws(TorchError) -> Tensor {
        guard dtype.native != nil else { throw .unsupportedDType(dtype) }
        return try ATen.toDType.tensor(.tensor(self), .dtype(dtype))
    }

    /// `self` when it is already there.
    public func moved(to device: Device) throws(TorchError) -> Tensor {
        guard device != self.device else { return self }
        try device.activate()
        return try ATen.toDevice.tensor(.tensor(self), .device(device), .dtype(dtype))
    }

    /// `self` when it is already so in memory.
    public func contiguous(_ format: MemoryFormat = .contiguous) throws(TorchError) -> Tensor {
        try ATen.contiguous.tensor(.tensor(self), .memoryFormat(format))
    }

    /// Channels innermost in memory, for images and clips, which suits convolutions; other ranks row-major.
    public func channelsLast() throws(TorchError) -> Tensor {
        let tensor = try contiguous(.channelsLast(rank: rank))
        guard rank == 4 || rank == 5, shape[1] == 1 else { return tensor }
        // With a single channel both formats are the same memory, and only the strides say which is meant: libtorch's
        // operators keep the format that they read there.
        var strides = tensor.strides
        strides[1] = 1
        return try ATen.asStrided.tensor(.tensor(tensor), .ints(shape.dimensions), .ints(strides))
    }

    /// A tensor with memory of its own, in the same order.
    public func cloned() throws(TorchError) -> Tensor { try ATen.clone.tensor(.tensor(self)) }
}
