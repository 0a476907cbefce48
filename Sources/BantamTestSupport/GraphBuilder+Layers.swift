public import BantamGraph

/// The layers that the tiny graphs are made of. Weights follow from their names.
extension GraphBuilder {
    public mutating func image(_ channels: Int, _ space: Int...) -> ValueID {
        input("input", .float32, ["N", .fixed(channels)] + space.map { .fixed($0) })
    }

    public mutating func weight(_ name: String, _ shape: Shape, in bounds: ClosedRange<Float> = -0.5...0.5) -> ValueID {
        var random = SeededGenerator(seed: 0).stream("\(graph.name).\(name)")
        return constant(name, TensorData.random(shape, in: bounds, from: &random))
    }

    /// A convolution that keeps the spatial size (for odd kernels and stride 1), with bias.
    public mutating func convolution(
        _ x: ValueID, _ name: String, from inputChannels: Int, to outputChannels: Int, kernel: [Int] = [3, 3],
        strides: [Int]? = nil, groups: Int = 1
    ) -> ValueID {
        let weight = weight("\(name).weight", Shape([outputChannels, inputChannels / groups] + kernel))
        let bias = self.weight("\(name).bias", [outputChannels])
        return node(
            "Conv", [x, weight, bias], name: name,
            attributes: [
                "kernel_shape": .ints(kernel), "pads": .ints((kernel + kernel).map { $0 / 2 }),
                "strides": .ints(strides ?? kernel.map { _ in 1 }), "group": .int(groups),
            ])
    }

    /// `x · Wᵀ + b` of rows `x`.
    public mutating func linear(_ x: ValueID, _ name: String, from inputFeatures: Int, to outputFeatures: Int)
        -> ValueID
    {
        let weight = weight("\(name).weight", [outputFeatures, inputFeatures])
        let bias = self.weight("\(name).bias", [outputFeatures])
        return node("Gemm", [x, weight, bias], name: name, attributes: ["transB": .int(1)])
    }

    /// `x · W` of tokens `[N, L, D]`.
    public mutating func projection(_ x: ValueID, _ name: String, from inputFeatures: Int, to outputFeatures: Int)
        -> ValueID
    {
        node("MatMul", [x, weight("\(name).weight", [inputFeatures, outputFeatures])], name: name)
    }

    public mutating func batchNorm(_ x: ValueID, _ name: String, channels: Int) -> ValueID {
        let scale = weight("\(name).weight", [channels], in: 0.5...1.5)
        let shift = weight("\(name).bias", [channels])
        let mean = weight("\(name).running_mean", [channels])
        let variance = weight("\(name).running_var", [channels], in: 0.5...1.5)
        return node("BatchNormalization", [x, scale, shift, mean, variance], name: name)
    }

    public mutating func relu(_ x: ValueID, _ name: String) -> ValueID { node("Relu", [x], name: name) }

    public mutating func reshape(_ x: ValueID, _ name: String, to shape: [Int]) -> ValueID {
        let target = constant("\(name).shape", TensorData([shape.count], shape.map(Int64.init)))
        return node("Reshape", [x, target], name: name)
    }

    public mutating func transpose(_ x: ValueID, _ name: String, _ order: [Int]) -> ValueID {
        node("Transpose", [x], name: name, attributes: ["perm": .ints(order)])
    }

    /// Deals the channels of images of 8 x 8 out anew: the first of each group, then the second of each, and so on.
    public mutating func shuffle(_ x: ValueID, _ name: String, channels: Int, groups: Int) -> ValueID {
        let grouped = reshape(x, "\(name).groups", to: [0, groups, channels / groups, 8, 8])  // [N, g, C / g, H, W]
        let exchanged = transpose(grouped, "\(name).exchange", [0, 2, 1, 3, 4])  // [N, C / g, g, H, W]
        return reshape(exchanged, name, to: [0, channels, 8, 8])  // [N, C, H, W]
    }

    public mutating func concat(_ parts: [ValueID], _ name: String) -> ValueID {
        node("Concat", parts, name: name, attributes: ["axis": .int(1)])
    }

    /// Averages over space and classifies into three classes.
    public mutating func head(_ x: ValueID, channels: Int) -> ValueID {
        let pooled = node("GlobalAveragePool", [x], name: "pool")
        let flat = node("Flatten", [pooled], name: "flatten", attributes: ["axis": .int(1)])
        return linear(flat, "classifier", from: channels, to: 3)
    }
}
