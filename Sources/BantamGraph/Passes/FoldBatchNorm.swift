/// Multiplies a BatchNorm into the convolution or linear layer before it.
///
/// ```
/// Given:  a = Conv(x, W[O, I, ...], b[O]);  y = BatchNormalization(a, scale[O], shift[O], mean[O], variance[O])
/// Result: y = Conv(x, W * s, (b - mean) * s + shift)   with s = scale / sqrt(variance + epsilon), for each o in O
/// ```
///
/// Holds for `Conv` and `ConvTranspose` in any number of spatial dimensions, grouped and depthwise, and for `Gemm`.
///
/// Conditions: nobody else reads `a` or shares `W`; the BatchNorm uses its running statistics; all its parameters and
/// the layer's are floating-point constants.
public struct FoldBatchNorm: GraphPass {
    public static let name = "FoldBatchNorm"

    /// A constant weight behind a Transpose or Cast is recognized once that is folded.
    public static var runsAfter: [any GraphPass.Type] { [FoldConstants.self] }

    public init() {}

    /// - Complexity: O(nodes + elements of the weights concerned).
    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var result = PassResult()
        var removed: Set<NodeID> = []
        for id in graph.nodes.keys {
            let norm = graph[id]
            guard norm.operatorName == "BatchNormalization", norm.domain.isEmpty, let input = norm.inputs.first ?? nil,
                let layer = graph.producer(of: input), let axis = OutputAxis(of: layer, in: graph)
            else { continue }
            switch match(norm, layer, input, axis, in: graph) {
            case .failure(let reason): result.skip(norm, because: reason.text)
            case .success(let match):
                match.apply(to: &graph)
                graph.replaceUses(of: match.output, with: input)
                removed.insert(id)
            }
        }
        graph.removeNodes(removed)
        graph.removeUnusedConstants()
        result.changes = removed.count
        return result
    }

    private func match(
        _ norm: Node, _ layer: Node, _ input: ValueID, _ axis: OutputAxis, in graph: Graph
    ) -> Result<Match, Reason> {
        guard graph.consumers(of: input).count == 1, !graph.isOutput(input) else {
            return .failure("the output of \(layer.label) is also read elsewhere")
        }
        guard norm.attributes["training_mode"] ?? .int(0) == .int(0) else {
            return .failure("it uses the batch's statistics, not the running ones")
        }
        guard norm.outputs.dropFirst().allSatisfy({ $0 == nil }), let output = norm.outputs.first ?? nil else {
            return .failure("its statistics are read as outputs")
        }
        guard layer.inputs.count > 1, let weight = layer.inputs[1], let weightData = graph.constants[weight],
            let weights = weightData.doubles()
        else { return .failure("the weight of \(layer.label) is no floating-point constant") }
        guard graph.readerCount(of: weight) == 1 else {
            return .failure("the weight \(graph[weight].name) is shared with another node")
        }
        let channels = axis.channelCount(weightData.shape)
        var parameters: [[Double]] = []
        for slot in 1...4 {
            guard let numbers = graph.constant(slot, of: norm)?.doubles(), numbers.count == channels else {
                return .failure("its parameters are not floating-point constants of \(channels) channels")
            }
            parameters.append(numbers)
        }
        guard let bias = axis.bias(of: layer, channels: channels, in: graph) else {
            return .failure("the bias of \(layer.label) is not one floating-point constant for each channel")
        }
        let epsilon = if case .float(let value)? = norm.attributes["epsilon"] { Double(value) } else { 1e-5 }
        guard let least = parameters[3].min(), least + epsilon > 0 else {
            return .failure("its variance is negative")
        }
        let scale = (0..<channels).map { parameters[0][$0] / (parameters[3][$0] + epsilon).squareRoot() }
        return .success(
            Match(
                layer: layer, output: output, weight: weight,
                scaledWeight: TensorData(
                    weightData.type, rounding: axis.scaled(weights, of: weightData.shape, by: scale)),
                bias: TensorData(
                    TensorType(weightData.dtype, [channels]),
                    rounding: (0..<channels).map { (bias[$0] - parameters[2][$0]) * scale[$0] + parameters[1][$0] })))
    }
}

/// Why a BatchNorm stays.
private struct Reason: Error, ExpressibleByStringInterpolation {
    var text: String
    init(stringLiteral text: String) { self.text = text }
}

/// A layer with a BatchNorm behind it, and the weights it gets.
private struct Match {
    var layer: Node
    var output: ValueID
    var weight: ValueID
    var scaledWeight: TensorData
    var bias: TensorData

    func apply(to graph: inout Graph) {
        graph.setConstant(weight, to: scaledWeight)
        if let old = layer.inputs.count > 2 ? layer.inputs[2] : nil, graph.readerCount(of: old) == 1 {
            graph.setConstant(old, to: bias)
        } else {
            let name = layer.name.isEmpty ? "\(graph[weight].name).bias" : "\(layer.name).bias"
            graph.setInput(2, of: layer.id, to: graph.addConstant(name, bias))
        }
        // The new bias contains what Gemm would multiply by beta.
        graph.updateNode(layer.id) { if $0.attributes["beta"] != nil { $0.attributes["beta"] = .float(1) } }
    }
}

/// Where a layer's weight lists its output channels.
private enum OutputAxis {
    /// `[O, ...]`: Conv, and Gemm with `transB`.
    case first
    /// `[I, O]`: Gemm.
    case last
    /// `[I, O / groups, ...]`: ConvTranspose, where group g of the inputs makes group g of the outputs.
    case second(groups: Int)

    init?(of layer: Node, in graph: Graph) {
        guard layer.domain.isEmpty else { return nil }
        switch layer.operatorName {
        case "Conv": self = .first
        case "Gemm": self = layer.attributes["transB"] == .int(1) ? .first : .last
        case "ConvTranspose":
            self =
                if case .int(let groups)? = layer.attributes["group"] { .second(groups: groups) } else {
                    .second(groups: 1)
                }
        default: return nil
        }
    }

    func channelCount(_ weight: Shape) -> Int {
        switch self {
        case .first: weight[0]
        case .last: weight[1]
        case .second(let groups): weight[1] * groups
        }
    }

    /// The weights, each times the factor of its output channel.
    func scaled(_ weights: [Double], of shape: Shape, by scale: [Double]) -> [Double] {
        var weights = weights
        // A row holds the elements of one (input, output) pair of indices, or of one output.
        let rows = if case .first = self { shape[0] } else { shape[0] * shape[1] }
        let rowLength = rows == 0 ? 0 : weights.count / rows
        for row in 0..<rows {
            let channel =
                switch self {
                case .first: row
                case .last: row % shape[1]
                case .second(let groups): (row / shape[1]) / (shape[0] / groups) * shape[1] + row % shape[1]
                }
            // A pruned weight stays a plain zero also where the factor is negative: one bit pattern compresses better.
            for index in row * rowLength..<(row + 1) * rowLength {
                weights[index] = weights[index] * scale[channel] + 0
            }
        }
        return weights
    }

    /// What the layer adds to each channel, or `nil` when that is no constant by channel.
    func bias(of layer: Node, channels: Int, in graph: Graph) -> [Double]? {
        guard layer.inputs.count > 2, layer.inputs[2] != nil else { return [Double](repeating: 0, count: channels) }
        guard let data = graph.constant(2, of: layer), let bias = data.doubles() else { return nil }
        let beta = if case .float(let value)? = layer.attributes["beta"] { Double(value) } else { 1.0 }
        if bias.count == 1 { return [Double](repeating: beta * bias[0], count: channels) }
        guard data.shape.dimensions.last == channels, bias.count == channels else { return nil }
        return bias.map { beta * $0 }
    }
}

extension Graph {
    /// How many input slots, and places among the outputs, read the value.
    fileprivate func readerCount(of value: ValueID) -> Int {
        consumerIndex[value, default: []].count + outputs.count { $0 == value }
    }
}
