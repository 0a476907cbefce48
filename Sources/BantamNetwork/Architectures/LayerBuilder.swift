public import BantamGraph
import OrderedCollections

/// Writes layers with freshly initialized weights.
///
/// Weights are drawn as PyTorch's modules draw them, since published training recipes assume it: uniform within
/// `1 / sqrt(fan in)` for convolutions and linear layers (He et al., *Delving Deep into Rectifiers*, ICCV 2015, with
/// `a = sqrt(5)`).
public struct LayerBuilder {
    public var graph: GraphBuilder
    private var generator: SeededGenerator

    public init(name: String, seed: UInt64) {
        graph = GraphBuilder(name: name)
        generator = SeededGenerator(seed: seed)
    }

    public mutating func scope<Result>(_ name: String, _ body: (inout LayerBuilder) throws -> Result) rethrows -> Result
    {
        graph.enterScope(name)
        defer { graph.leaveScope() }
        return try body(&self)
    }

    /// A convolution over as many spatial axes as `kernel` has.
    ///
    /// - Parameters:
    ///   - input: `[N, in, ...]`
    ///   - channels: The number of input and output channels.
    ///   - padding: Zeros added on either side of each axis.
    public mutating func convolution(
        _ input: ValueID, _ name: String, channels: (input: Int, output: Int), kernel: [Int], stride: [Int]? = nil,
        padding: [Int]? = nil, groups: Int = 1, bias: Bool = true
    ) -> ValueID {
        let weightShape = Shape([channels.output, channels.input / groups] + kernel)
        let fanIn = weightShape.dimensions.dropFirst().reduce(1, *)
        let parameters = weights(name, weightShape, fanIn: fanIn, biasCount: bias ? channels.output : nil)
        let padding = padding ?? kernel.map { _ in 0 }
        return graph.node(
            "Conv", [input] + parameters, name: name,
            attributes: [
                "kernel_shape": .ints(kernel), "strides": .ints(stride ?? kernel.map { _ in 1 }),
                "pads": .ints(padding + padding), "group": .int(groups),
            ])
    }

    /// `y = x W^T + b`.
    ///
    /// - Parameters:
    ///   - input: `[N, in]`
    ///   - features: The number of input and output features.
    public mutating func linear(
        _ input: ValueID, _ name: String, features: (input: Int, output: Int), bias: Bool = true
    ) -> ValueID {
        let parameters = weights(
            name, [features.output, features.input], fanIn: features.input, biasCount: bias ? features.output : nil)
        return graph.node("Gemm", [input] + parameters, name: name, attributes: ["transB": .int(1)])
    }

    /// Batch normalization over axis 1. `momentum` is PyTorch's: the weight of the new batch.
    public mutating func batchNorm(
        _ input: ValueID, _ name: String, channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1
    ) -> ValueID {
        let ones = TensorData([channels], [Float](repeating: 1, count: channels))
        let zeros = TensorData(zeros: TensorType(.float32, [channels]))
        let parameters = [("weight", ones), ("bias", zeros), ("running_mean", zeros), ("running_var", ones)]
            .map { graph.constant("\(name).\($0.0)", $0.1) }
        return graph.node(
            "BatchNormalization", [input] + parameters, name: name,
            attributes: ["epsilon": .float(epsilon), "momentum": .float(1 - momentum)])
    }

    public mutating func relu(_ input: ValueID, _ name: String = "relu") -> ValueID {
        graph.node("Relu", [input], name: name)
    }

    public mutating func maxPool(
        _ input: ValueID, _ name: String, kernel: [Int], stride: [Int]? = nil, padding: [Int]? = nil
    ) -> ValueID {
        let padding = padding ?? kernel.map { _ in 0 }
        return graph.node(
            "MaxPool", [input], name: name,
            attributes: [
                "kernel_shape": .ints(kernel), "strides": .ints(stride ?? kernel), "pads": .ints(padding + padding),
            ])
    }

    /// `[N, C, ...]` to `[N, C * ...]`.
    public mutating func flatten(_ input: ValueID) -> ValueID {
        graph.node("Flatten", [input], name: "flatten", attributes: ["axis": .int(1)])
    }

    private mutating func weights(_ name: String, _ shape: Shape, fanIn: Int, biasCount: Int?) -> [ValueID] {
        let bound = 1 / Float(max(fanIn, 1)).squareRoot()
        var parameters = [graph.constant("\(name).weight", uniform(shape, within: bound))]
        if let biasCount { parameters.append(graph.constant("\(name).bias", uniform([biasCount], within: bound))) }
        return parameters
    }

    private mutating func uniform(_ shape: Shape, within bound: Float) -> TensorData {
        TensorData(shape, (0..<shape.elementCount).map { _ in Float.random(in: -bound...bound, using: &generator) })
    }
}
