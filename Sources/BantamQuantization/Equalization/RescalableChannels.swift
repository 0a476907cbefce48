public import BantamGraph
import BantamLayerwise
public import BantamModel

/// The channels of a graph that can be multiplied by any positive number without changing what the model computes.
///
/// A layer's channel times `s` passes a ReLU, a pooling or a residual sum as `s` times what it was, and a layer that
/// divides the weights by which it reads that channel by `s` gives the same result as before:
///
/// ```
/// Given:  y = Relu(Conv(x, W1, b1));      z = Conv(y, W2)
/// Result: y = Relu(Conv(x, s W1, s b1));  z = Conv(y, W2 / s)
/// ```
///
/// What has to be multiplied together is one channel here, however far it reaches: all operands of a sum, all parts of
/// a `Concat`, the channels of one group that a channel shuffle has sent to several places. A depthwise convolution
/// ends a channel and begins another, as its weights can take up both factors.
///
/// Not free are channels at the model's inputs and outputs and at operators for which `f(s x) = s f(x)` does not hold
/// for `s > 0`: `Sigmoid`, `HardSwish`, `Softmax`, and `Clip` with an upper bound, so ReLU6. (Replacing a ReLU6 by one
/// bound a channel would be exact, and cost the integer kernels their fused activation.)
public struct RescalableChannels: Sendable {
    /// How many there are.
    public let count: Int
    let layers: [Layer]
    let offsets: [Offset]

    /// A layer with the channels it makes and reads; -1 stands for those that cannot be multiplied.
    struct Layer: Sendable {
        var node: NodeID
        var layout: WeightLayout
        var outputs: [Int]
        var inputs: [Int]
    }

    /// A constant that is added to channels, by its index along an axis.
    struct Offset: Sendable {
        var value: ValueID
        var axis: Int
        var channels: [Int]
    }

    /// - Throws: `invalidGraph` when the graph is not a valid model.
    /// - Complexity: O(nodes + channels of all activations).
    public init(of graph: Graph) throws(CompressionError) {
        let scope = try QuantizationScope(graph, batchSize: 2)
        var ties = ScaleTies(in: scope)
        ties.resolve()
        count = ties.freeCount
        layers = graph.nodes.values.compactMap { node in
            guard let layout = ties.layout(of: node.id), let output = node.mainOutput else { return nil }
            let outputs = ties.channels(of: output, axis: layout.outputAxis, count: layout.outputCount)
            var inputs: [Int] = []
            if let axis = layout.inputAxis, let input = node.inputs[0] {
                inputs = ties.channels(of: input, axis: axis, count: layout.inputCount)
            }
            let isConcerned = (outputs + inputs).contains { $0 >= 0 }
            return isConcerned ? Layer(node: node.id, layout: layout, outputs: outputs, inputs: inputs) : nil
        }
        offsets = ties.offsets.compactMap { offset in
            let extent = graph.constants[offset.value]?.shape[offset.axis] ?? 0
            let channels = ties.channels(of: offset.output, axis: offset.outputAxis, count: extent)
            return channels.contains { $0 >= 0 }
                ? Offset(value: offset.value, axis: offset.axis, channels: channels) : nil
        }
    }

    /// What multiplying the channels by these numbers does to the constants.
    ///
    /// - Parameters:
    ///   - factors: One positive number for each channel.
    ///   - graph: The graph the channels were found in.
    public func rescaling(by factors: [Double], of graph: Graph) -> ChannelRescaling {
        precondition(factors.count == count, "\(factors.count) factors for \(count) channels")
        func list(_ channels: [Int]) -> [Float] { channels.map { $0 < 0 ? 1 : Float(factors[$0]) } }
        return ChannelRescaling(
            layers: layers.compactMap { layer in
                graph[layer.node].mainOutput.map {
                    .init(nodeOutput: graph[$0].name, outputs: list(layer.outputs), inputs: list(layer.inputs))
                }
            },
            offsets: offsets.map { .init(value: graph[$0.value].name, axis: $0.axis, factors: list($0.channels)) })
    }
}

/// Positive numbers by which the channels of a graph are multiplied.
public struct ChannelRescaling: Hashable, Sendable, Codable {
    public struct Layer: Hashable, Sendable, Codable {
        /// The name of the layer's first output.
        public var nodeOutput: String
        /// What each output channel's weights and bias are multiplied by.
        public var outputs: [Float]
        /// What the weights for each input channel are divided by.
        public var inputs: [Float]
    }

    /// A constant that is added to the channels.
    public struct Offset: Hashable, Sendable, Codable {
        public var value: String
        public var axis: Int
        public var factors: [Float]
    }

    public var layers: [Layer]
    public var offsets: [Offset]

    /// Carries it out. The outputs stay the same to float32's rounding.
    ///
    /// - Throws: `planMismatch` when it was made for another graph. `graph` is then unchanged.
    /// - Complexity: O(elements of the weights).
    public func apply(to graph: inout Graph) throws(CompressionError) {
        let scope = try QuantizationScope(graph)
        var rescaled = graph
        for layer in layers {
            guard let node = graph.value(named: layer.nodeOutput).flatMap({ graph.producer(of: $0) }),
                let layout = WeightLayout(of: node, in: scope), let weight = graph.constants[layout.weight],
                layer.outputs.count == layout.outputCount, layer.inputs.count == layout.inputCount
            else { throw .planMismatch("the layer \(layer.nodeOutput)") }
            rescaled.setConstant(
                layout.weight, to: layout.scaled(weight, outputs: layer.outputs, inputs: layer.inputs))
            if let bias = layout.bias, let data = graph.constants[bias] {
                rescaled.setConstant(bias, to: data.scaled(alongAxis: data.shape.rank - 1, by: layer.outputs))
            }
        }
        for offset in offsets {
            guard let value = graph.value(named: offset.value), let data = graph.constants[value],
                data.dtype == .float32, offset.axis < data.shape.rank, data.shape[offset.axis] == offset.factors.count
            else { throw .planMismatch("the constant \(offset.value)") }
            rescaled.setConstant(value, to: data.scaled(alongAxis: offset.axis, by: offset.factors))
        }
        graph = rescaled
    }
}

extension TensorData {
    /// float32 elements, each times the factor of its index along an axis.
    fileprivate func scaled(alongAxis axis: Int, by factors: [Float]) -> TensorData {
        let length = shape.dimensions[(axis + 1)...].reduce(1, *)
        let numbers = elements(of: Float.self)
        return TensorData(
            shape, numbers.indices.map { Float(Double(numbers[$0]) * Double(factors[$0 / length % factors.count])) })
    }
}
