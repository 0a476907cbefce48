public import BantamGraph
import OrderedCollections

/// Writes layers with freshly initialized weights.
///
/// This file has what holds weights; `LayerBuilder+Operators.swift` has the rest. Layers take their inputs first and
/// their name second; the name is that of the original project's module, so that `conv1` has the parameters
/// `conv1.weight` and `conv1.bias`.
public struct LayerBuilder {
    public var graph: GraphBuilder
    /// How the weights of the convolutions and linear layers that follow are drawn.
    public var initialization = WeightInitialization.uniformFanIn
    /// What the BatchNorms that follow have where they say nothing else.
    public var batchNormDefaults = BatchNormSettings()
    private var generator: SeededGenerator?

    public init(name: String, weights: InitialWeights) {
        graph = GraphBuilder(name: name)
        if case .random(let seed) = weights { generator = SeededGenerator(seed: seed) }
    }

    /// Names what `body` writes `name.…`.
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
    ///   - padding: Zeros added to each axis.
    public mutating func convolution(
        _ input: ValueID, _ name: String, channels: (input: Int, output: Int), kernel: [Int], stride: [Int]? = nil,
        padding: Padding = .none, dilation: [Int]? = nil, groups: Int = 1, bias: Bool = true
    ) -> ValueID {
        let weightShape = Shape([channels.output, channels.input / groups] + kernel)
        let field = kernel.reduce(1, *)
        let fans = Fans(
            input: channels.input / groups * field, output: channels.output * field, groups: groups)
        let parameters = weights(name, weightShape, fans: fans, biasCount: bias ? channels.output : nil)
        var attributes: OrderedDictionary<String, Attribute> = [
            "kernel_shape": .ints(kernel), "strides": .ints(stride ?? kernel.map { _ in 1 }), "group": .int(groups),
        ]
        if let dilation { attributes["dilations"] = .ints(dilation) }
        attributes.merge(padding.attributes(rank: kernel.count)) { $1 }
        return graph.node("Conv", [input] + parameters, name: name, attributes: attributes)
    }

    /// `y = x W^T + b`.
    ///
    /// - Parameters:
    ///   - input: `[N, in]`
    ///   - features: The number of input and output features.
    public mutating func linear(
        _ input: ValueID, _ name: String, features: (input: Int, output: Int), bias: Bool = true
    ) -> ValueID {
        let fans = Fans(input: features.input, output: features.output)
        let parameters = weights(
            name, [features.output, features.input], fans: fans, biasCount: bias ? features.output : nil)
        return graph.node("Gemm", [input] + parameters, name: name, attributes: ["transB": .int(1)])
    }

    /// Batch normalization over axis 1, by default with ``batchNormDefaults``. `scale` is what its weight starts at.
    public mutating func batchNorm(
        _ input: ValueID, _ name: String, channels: Int, epsilon: Float? = nil, momentum: Float? = nil,
        scale: Float = 1
    ) -> ValueID {
        let epsilon = epsilon ?? batchNormDefaults.epsilon
        let momentum = momentum ?? batchNormDefaults.momentum
        let parameters = [("weight", scale), ("bias", 0), ("running_mean", 0), ("running_var", 1)]
            .map {
                graph.constant("\(name).\($0.0)", TensorData([channels], [Float](repeating: $0.1, count: channels)))
            }
        return graph.node(
            "BatchNormalization", [input] + parameters, name: name,
            attributes: ["epsilon": .float(epsilon), "momentum": .float(1 - momentum)])
    }

    /// A parameter of its own, such as a class token: normally distributed.
    public mutating func parameter(_ name: String, _ shape: Shape, standardDeviation: Float = 0.02) -> ValueID {
        let data = drawn(shape) { $0.normal(standardDeviation: standardDeviation) }
        return graph.constant(name, data)
    }

    /// The weight `[out, in, ...]` and the bias `[out]` of a layer.
    mutating func weights(_ name: String, _ shape: Shape, fans: Fans, biasCount: Int?) -> [ValueID] {
        let rule = initialization
        let weight = drawn(shape) { rule.weight(fans, from: &$0) }
        var parameters = [graph.constant("\(name).weight", weight)]
        if let biasCount {
            let bias = drawn([biasCount]) { rule.bias(fans, from: &$0) }
            parameters.append(graph.constant("\(name).bias", bias))
        }
        return parameters
    }

    private mutating func drawn(_ shape: Shape, _ draw: (inout SeededGenerator) -> Float) -> TensorData {
        guard var generator else { return TensorData(zeros: TensorType(.float32, shape)) }
        defer { self.generator = generator }
        return TensorData(shape, (0..<shape.elementCount).map { _ in draw(&generator) })
    }
}

/// What is added to a variance, and how fast the running statistics follow.
public struct BatchNormSettings: Hashable, Sendable {
    public var epsilon: Float
    /// PyTorch's: the weight of the new batch.
    public var momentum: Float

    public init(epsilon: Float = 1e-5, momentum: Float = 0.1) {
        self.epsilon = epsilon
        self.momentum = momentum
    }
}

/// Zeros around the spatial axes. `[1, 1]` is the same on either side of each axis.
public enum Padding: Hashable, Sendable, ExpressibleByArrayLiteral {
    case none
    /// The same on either side of an axis; one entry for each.
    case symmetric([Int])
    /// One entry for each axis.
    case begin([Int], end: [Int])
    /// As much as keeps `ceil(size / stride)` positions, the odd one at the end: TensorFlow's rule.
    case same

    public init(arrayLiteral sizes: Int...) { self = .symmetric(sizes) }

    func attributes(rank: Int) -> OrderedDictionary<String, Attribute> {
        switch self {
        case .none: ["pads": .ints(Array(repeating: 0, count: 2 * rank))]
        case .symmetric(let sizes): ["pads": .ints(sizes + sizes)]
        case .begin(let begin, let end): ["pads": .ints(begin + end)]
        case .same: ["auto_pad": .string("SAME_UPPER")]
        }
    }
}
