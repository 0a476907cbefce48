public import BantamGraph
public import BantamModel
import OrderedCollections

extension DynamicQuantization {
    /// Carries out a plan. Weights keep their names and become int8, a transposed one `[inputs, outputs]`.
    ///
    /// - Throws: `planMismatch` when the plan was made for another graph. `graph` is then unchanged.
    public static func apply(_ plan: DynamicQuantizationPlan, to graph: inout Graph) throws(CompressionError) {
        var rewriter = DynamicRewriter(graph: graph)
        for layer in plan.layers { try rewriter.rewrite(layer) }
        graph = rewriter.finish()
    }
}

/// Replaces layers one by one, sharing what several of them read.
private struct DynamicRewriter {
    /// An activation as the integers that stand for it.
    private struct RoundedInput {
        var integers: ValueID
        var scale: ValueID
        var zeroPoint: ValueID
    }

    private struct WeightKey: Hashable {
        var value: ValueID
        var isTransposed: Bool
    }

    private var graph: Graph
    private var inputs: [ValueID: RoundedInput] = [:]
    private var weights: [WeightKey: ValueID] = [:]
    private var names: [ValueID: String] = [:]

    init(graph: Graph) { self.graph = graph }

    mutating func rewrite(_ layer: DynamicQuantizationPlan.Layer) throws(CompressionError) {
        guard let output = graph.value(named: layer.output), let node = graph.producer(of: output),
            node.inputs.count >= 2, let input = node.inputs[0], let weight = node.inputs[1],
            let data = graph.constants[weight], graph[weight].name == layer.weight.value,
            layer.weight.parameters.fits(data)
        else { throw .planMismatch("the layer \(layer.output) with the weight \(layer.weight.value)") }
        let rounded = roundedInput(input, before: node)
        let isTransposed = node.attributes["transB"] == .int(1)
        let integers = storedWeight(weight, data, layer.weight.parameters, isTransposed: isTransposed)
        let isConvolution = node.operatorName == "Conv"
        let sums = add(
            isConvolution ? "ConvInteger" : "MatMulInteger", [rounded.integers, integers, rounded.zeroPoint], "sums",
            of: node, attributes: isConvolution ? node.attributes : [:])
        let numbers = add("Cast", [sums], "numbers", of: node, attributes: ["to": .int(DType.float32.onnxCode)])
        let spatialRank = isConvolution ? data.shape.rank - 2 : 0
        let scales = graph.addConstant(
            "\(graph[weight].name).scale",
            Self.scales(of: layer.weight.parameters, times: Self.number("alpha", of: node), spatialRank: spatialRank))
        let scale = add("Mul", [rounded.scale, scales], "scale", of: node)
        var result = add("Mul", [numbers, scale], "scaled", of: node)
        if let bias = bias(of: node, spatialRank: spatialRank) {
            result = add("Add", [result, bias], "biased", of: node)
        }
        replace(node, output, with: result)
    }

    mutating func finish() -> Graph {
        graph.removeUnusedConstants()
        for (value, name) in names.sorted(by: { $0.key < $1.key }) where graph.value(named: name) == nil {
            graph.rename(value, to: name)
        }
        #if DEBUG
            graph.checkInvariants()
        #endif
        return graph
    }

    // MARK: Parts

    private mutating func roundedInput(_ value: ValueID, before node: Node) -> RoundedInput {
        if let known = inputs[value] { return known }
        let name = graph[value].name
        let first = graph.firstInOrder(graph.consumers(of: value)) ?? node.id
        let outputs = graph.addNode(
            "DynamicQuantizeLinear", name: "\(name).quantize", inputs: [value],
            outputNames: ["\(name).quantized", "\(name).scale", "\(name).zero_point"],
            origin: Self.origin, before: first)
        let rounded = RoundedInput(integers: outputs[0], scale: outputs[1], zeroPoint: outputs[2])
        inputs[value] = rounded
        return rounded
    }

    private mutating func storedWeight(
        _ value: ValueID, _ data: TensorData, _ parameters: QuantizationParameters, isTransposed: Bool
    ) -> ValueID {
        let key = WeightKey(value: value, isTransposed: isTransposed)
        if let known = weights[key] { return known }
        let integers = parameters.quantize(data)
        let name = graph[value].name
        let stored = graph.addConstant("\(name).quantized", isTransposed ? integers.transposedMatrix : integers)
        weights[key] = stored
        names[stored] = name
        return stored
    }

    /// `[C]` for a matrix product, `[1, C, 1, ...]` for a convolution.
    private static func scales(
        of parameters: QuantizationParameters, times factor: Float, spatialRank: Int
    ) -> TensorData {
        let scales = parameters.scales.map { $0 * factor }
        let ones = [Int](repeating: 1, count: spatialRank)
        return TensorData(spatialRank == 0 ? [scales.count] : Shape([1, scales.count] + ones), scales)
    }

    /// What the layer adds, in a shape that broadcasts to its output. The plan sees to it that it is a constant.
    private mutating func bias(of node: Node, spatialRank: Int) -> ValueID? {
        guard node.inputs.count > 2, let bias = node.inputs[2], let data = graph.constants[bias] else { return nil }
        let factor = Self.number("beta", of: node)
        guard spatialRank > 0 || factor != 1 else { return bias }
        let numbers = data.elements(of: Float.self).map { $0 * factor }
        let ones = [Int](repeating: 1, count: spatialRank)
        let shape = spatialRank == 0 ? data.shape : Shape([1, numbers.count] + ones)
        let stored = graph.addConstant("\(graph[bias].name).shaped", TensorData(shape, numbers))
        names[stored] = graph[bias].name
        return stored
    }

    private static func number(_ attribute: String, of node: Node) -> Float {
        if case .float(let value)? = node.attributes[attribute] { value } else { 1 }
    }

    // MARK: Nodes

    private static let origin = "DynamicQuantization"

    /// Inserts a node that takes part in replacing `layer`.
    private mutating func add(
        _ operatorName: String, _ inputs: [ValueID?], _ part: String, of layer: Node,
        attributes: OrderedDictionary<String, Attribute> = [:]
    ) -> ValueID {
        let prefix = layer.name.isEmpty ? layer.operatorName : layer.name
        return graph.addNode(
            operatorName, name: "\(prefix).\(part)", inputs: inputs, attributes: attributes, origin: Self.origin,
            before: layer.id)[0]
    }

    /// Removes the layer; its output's name goes to `result`.
    private mutating func replace(_ layer: Node, _ output: ValueID, with result: ValueID) {
        let name = graph[output].name
        graph.setType(graph[output].type, of: result)
        graph.replaceUses(of: output, with: result)
        graph.removeNodes([layer.id])
        graph.rename(result, to: name)
    }
}

extension TensorData {
    /// The int8 matrix with rows and columns exchanged.
    fileprivate var transposedMatrix: TensorData {
        let (rows, columns) = (shape[0], shape[1])
        let source = elements(of: Int8.self)
        var target = [Int8](repeating: 0, count: source.count)
        for row in 0..<rows {
            for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
        }
        return TensorData([columns, rows], target)
    }
}
