public import BantamGraph
public import BantamModel
import OrderedCollections

/// Replaces dense convolutions by a depthwise one, which filters each channel for itself, and a pointwise one, which
/// mixes the channels.
///
/// Howard et al., *MobileNets*, 2017. A `k x k` convolution of `a` to `b` channels takes `a b k^2` multiplications a
/// position; the pair takes `a m k^2 + a m b`, `m` being the depth multiplier.
///
/// ```
/// Given:   y = Conv(x, W[b, a, 5, 5], bias)
/// Result:  t = Conv(x, D[a m, 1, 3, 3], group = a, dilations = 2)
///          y = Conv(t, P[b, a m, 1, 1], bias)
/// ```
///
/// A kernel of 3 taps replaces one of `2 d + 1` with dilation `d`, so it sees the same field and the output keeps its
/// shape: nothing else in the model changes. Any number of spatial axes.
///
/// The new weights start as the best approximation of the old ones: for each input channel the matrix of `b` filters
/// by taps is cut down to rank `m`. Guo et al., *Network Decoupling*, BMVC 2018.
public enum SeparableConvolution {
    /// Which convolutions are replaced, and by what.
    public struct Plan: Codable, Hashable, Sendable {
        public var layers: [Layer]

        public struct Layer: Codable, Hashable, Sendable {
            /// The name of the convolution's weight.
            public var weight: String
            /// Filters for each input channel.
            public var multiplier: Int
            /// Taps along each spatial axis.
            public var kernel: [Int]
            public var dilations: [Int]
        }
    }

    /// Fewer input channels than this get several filters each: one filter for a grey image would be all that the
    /// network sees of it.
    private static let fewChannels = 4

    /// Chooses every dense convolution whose cost the replacement lowers.
    ///
    /// - Throws: `nothingToCompress` when there is none; the reasons say why.
    public static func plan(for graph: Graph) throws(CompressionError) -> Plan {
        var layers: [Plan.Layer] = []
        var refusals: [String] = []
        for node in graph.nodes.values where node.operatorName == "Conv" {
            switch replacement(of: node, in: graph) {
            case .success(let layer): layers.append(layer)
            case .failure(let refusal): refusals.append("\(node.label): \(refusal.reason)")
            }
        }
        guard !layers.isEmpty else { throw .nothingToRestructure(refusals) }
        return Plan(layers: layers)
    }

    /// Makes the replacements.
    ///
    /// - Throws: `planMismatch` when the plan was made for another graph. `graph` is then unchanged.
    public static func apply(_ plan: Plan, to graph: inout Graph) throws(CompressionError) {
        var changed = graph
        for layer in plan.layers {
            guard let weight = changed.value(named: layer.weight), let data = changed.constants[weight],
                let id = changed.consumers(of: weight).first, changed[id].operatorName == "Conv",
                case .success(layer) = replacement(of: changed[id], in: changed)
            else { throw .planMismatch("the convolution with the weight \(layer.weight)") }
            replace(changed[id], weight: data, by: layer, in: &changed)
        }
        changed.removeUnusedConstants()
        graph = changed
    }

    // MARK: Planning

    private struct Refusal: Error { var reason: String }

    private static func replacement(of node: Node, in graph: Graph) -> Result<Plan.Layer, Refusal> {
        guard let weight = node.inputs[1], let data = graph.constants[weight], data.dtype == .float32 else {
            return .failure(Refusal(reason: "its weight is no float32 constant"))
        }
        guard graph.consumers(of: weight).count == 1 else { return .failure(Refusal(reason: "its weight is shared")) }
        let (outputs, inputs, kernel) = (data.shape[0], data.shape[1], Array(data.shape.dimensions.dropFirst(2)))
        guard node.integer("group", default: 1) == 1 else { return .failure(Refusal(reason: "it is grouped already")) }
        guard (node.integers("dilations") ?? []).allSatisfy({ $0 == 1 }) else {
            return .failure(Refusal(reason: "it is dilated already"))
        }
        guard kernel.allSatisfy({ !$0.isMultiple(of: 2) }) else {
            return .failure(Refusal(reason: "its kernel \(kernel) has no middle"))
        }
        let taps = kernel.map { min($0, 3) }
        let tapCount = taps.reduce(1, *)
        // More filters than taps would be linear combinations of each other.
        let multiplier = inputs < fewChannels ? min((outputs + inputs - 1) / inputs, tapCount) : 1
        let before = inputs * outputs * kernel.reduce(1, *)
        let after = inputs * multiplier * (tapCount + outputs)
        guard tapCount > 1, after < before else {
            return .failure(
                Refusal(reason: "the pair would not be cheaper (\(after) against \(before) MACs a position)"))
        }
        return .success(
            Plan.Layer(
                weight: graph[weight].name, multiplier: multiplier, kernel: taps,
                dilations: zip(kernel, taps).map { $1 == 1 ? 1 : ($0 - 1) / 2 }))
    }

    // MARK: Replacing

    private static func replace(_ node: Node, weight: TensorData, by layer: Plan.Layer, in graph: inout Graph) {
        let (depthwise, pointwise) = factorize(weight, layer)
        let inputs = weight.shape[1]
        let spatial = layer.kernel.count
        let origin = "SeparableConvolution"
        let stem = layer.weight.hasSuffix(".weight") ? String(layer.weight.dropLast(7)) : layer.weight
        var attributes = node.attributes
        attributes["kernel_shape"] = .ints(layer.kernel)
        attributes["dilations"] = .ints(layer.dilations)
        attributes["group"] = .int(inputs)
        let filtered = graph.addNode(
            "Conv", name: "\(stem).depthwise",
            inputs: [node.inputs[0], graph.addConstant("\(stem).depthwise.weight", depthwise)],
            outputNames: ["\(stem).depthwise.out"], attributes: attributes, origin: origin, before: node.id)[0]
        var operands: [ValueID?] = [filtered, graph.addConstant("\(stem).pointwise.weight", pointwise)]
        if node.inputs.count > 2 { operands.append(node.inputs[2]) }
        let mixed = graph.addNode(
            "Conv", name: "\(stem).pointwise", inputs: operands, outputNames: ["\(stem).pointwise.out"],
            attributes: ["kernel_shape": .ints(Array(repeating: 1, count: spatial))], origin: origin,
            before: node.id)[0]
        guard let output = node.outputs[0] else { return }
        graph.replaceUses(of: output, with: mixed)
        graph.removeNodes([node.id])
    }

    /// Splits `weight` `[b, a, k...]` into filters `[a m, 1, taps...]` and mixtures `[b, a m, 1...]`.
    private static func factorize(_ weight: TensorData, _ layer: Plan.Layer) -> (
        depthwise: TensorData, pointwise: TensorData
    ) {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        let kernel = Array(weight.shape.dimensions.dropFirst(2))
        let positions = tapPositions(kernel: kernel, layer)
        let (taps, multiplier) = (positions.count, layer.multiplier)
        let elements = weight.elements(of: Float.self)
        let volume = kernel.reduce(1, *)
        var filters = [Float](repeating: 0, count: inputs * multiplier * taps)
        var mixtures = [Float](repeating: 0, count: outputs * inputs * multiplier)
        for channel in 0..<inputs {
            var matrix = (0..<outputs).flatMap { output in  // [b, taps]
                positions.map { elements[(output * inputs + channel) * volume + $0] }
            }
            for component in 0..<multiplier {
                let (left, right) = LowRank.removeLeadingComponent(of: &matrix, rows: outputs, columns: taps)
                let index = channel * multiplier + component
                for tap in 0..<taps { filters[index * taps + tap] = right[tap] }
                for output in 0..<outputs { mixtures[output * inputs * multiplier + index] = left[output] }
            }
        }
        let ones = kernel.map { _ in 1 }
        return (
            TensorData(Shape([inputs * multiplier, 1] + layer.kernel), filters),
            TensorData(Shape([outputs, inputs * multiplier] + ones), mixtures)
        )
    }

    /// The flat positions in the old kernel that the new taps fall on.
    private static func tapPositions(kernel: [Int], _ layer: Plan.Layer) -> [Int] {
        let strides = Shape(kernel).strides
        var positions = [0]
        for axis in kernel.indices {
            positions = positions.flatMap { base in
                (0..<layer.kernel[axis]).map { base + $0 * layer.dilations[axis] * strides[axis] }
            }
        }
        return positions
    }
}

extension Node {
    package func integer(_ name: String, default defaultValue: Int) -> Int {
        if case .int(let value)? = attributes[name] { value } else { defaultValue }
    }

    package func integers(_ name: String) -> [Int]? {
        if case .ints(let values)? = attributes[name] { values } else { nil }
    }
}
