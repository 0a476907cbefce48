public import BantamGraph

extension Tensor {
    /// A tensor of whatever the memory holds, to be written.
    public static func empty(
        _ shape: Shape, _ dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try ATen.empty.tensor(.ints(shape.dimensions), try creatable(dtype), nil, try activated(device))
    }

    public static func zeros(
        _ shape: Shape, _ dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try ATen.zeros.tensor(.ints(shape.dimensions), try creatable(dtype), nil, try activated(device))
    }

    public static func ones(
        _ shape: Shape, _ dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try full(shape, with: 1, dtype, device: device)
    }

    public static func full(
        _ shape: Shape, with value: Double, _ dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try ATen.full.tensor(
            .ints(shape.dimensions), .double(value), try creatable(dtype), nil, try activated(device))
    }

    /// The integers from 0 to `count - 1`, `[count]`.
    public static func range(
        _ count: Int, _ dtype: DType = .int64, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try ATen.range.tensor(.int(count), try creatable(dtype), nil, try activated(device))
    }

    /// Normally distributed numbers with mean 0 and variance 1, on the generator's device.
    public static func normal(
        _ shape: Shape, _ dtype: DType = .float32, using generator: RandomGenerator
    ) throws(TorchError) -> Tensor {
        try ATen.randomNormal.tensor(
            .ints(shape.dimensions), .generator(generator), try creatable(dtype), nil, .device(generator.device))
    }

    /// Numbers spread evenly over `0..<1`, on the generator's device.
    public static func uniform(
        _ shape: Shape, _ dtype: DType = .float32, using generator: RandomGenerator
    ) throws(TorchError) -> Tensor {
        try ATen.randomUniform.tensor(
            .ints(shape.dimensions), .generator(generator), try creatable(dtype), nil, .device(generator.device))
    }

    /// The integers from 0 to `count - 1` in random order, `[count]`, int64, on the generator's device.
    public static func permutation(_ count: Int, using generator: RandomGenerator) throws(TorchError) -> Tensor {
        try ATen.randomPermutation.tensor(
            .int(count), .generator(generator), .dtype(.int64), nil, .device(generator.device))
    }

    private static func creatable(_ dtype: DType) throws(TorchError) -> ATenValue {
        guard dtype.native != nil else { throw .unsupportedDType(dtype) }
        return .dtype(dtype)
    }

    private static func activated(_ device: Device) throws(TorchError) -> ATenValue {
        try device.activate()
        return .device(device)
    }
}
