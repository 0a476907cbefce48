import BantamGraph

/// Which version of ONNX's operator set a model needs to be written in.
enum OpsetRequirement {
    /// What models are written in unless they need more: what every runtime in use understands.
    static let usual = 17
    /// The newest that models are written in.
    static let newest = 21

    /// The operators that came after ``usual``.
    private static let operators = [
        "AffineGrid": 20, "BitwiseAnd": 18, "BitwiseNot": 18, "BitwiseOr": 18, "BitwiseXor": 18, "CenterCropPad": 18,
        "Col2Im": 18,
        "Gelu": 20, "GroupNormalization": 21, "Mish": 18,
    ]

    /// The attributes that came after ``usual``, by operator.
    private static let attributes: [String: [String: Int]] = [
        "Resize": ["antialias": 18, "axes": 18, "keep_aspect_ratio_policy": 18],
        "AveragePool": ["dilations": 19],
        "LpPool": ["ceil_mode": 18, "dilations": 18],
        "QuantizeLinear": ["block_size": 21, "output_dtype": 21],
        "DequantizeLinear": ["block_size": 21],
    ]

    /// The lowest version that has all the graph uses; 0 where any will do.
    static func minimum(of graph: Graph, types: GraphTypes) -> Int {
        let tensors = graph.constants.values.map { [.int4, .uint4].contains($0.dtype) ? newest : 0 }
        return (tensors + graph.nodes.values.map { minimum(of: $0, in: graph, types) }).max() ?? 0
    }

    private static func minimum(of node: Node, in graph: Graph, _ types: GraphTypes) -> Int {
        guard node.domain.isEmpty else { return 0 }
        var minimum = operators[node.operatorName] ?? 0
        for (name, version) in attributes[node.operatorName] ?? [:] {
            guard let value = node.attributes[name], value != .int(0) else { continue }
            minimum = max(minimum, version)
        }
        switch node.operatorName {
        case "QuantizeLinear", "DequantizeLinear":
            let scale = graph.constant(1, of: node)?.dtype ?? .float32
            let zeroPoint = graph.constant(2, of: node)?.dtype ?? .uint8
            if scale != .float32 { minimum = max(minimum, 19) }
            if [.int16, .uint16].contains(zeroPoint) { minimum = max(minimum, 21) }
        case "GridSample":
            let rank = node.outputs.first.flatMap { $0 }.flatMap { types.rank(of: $0) }
            if rank != 4 { minimum = max(minimum, 20) }
        case "ScatterElements", "ScatterND":
            if [.string("max"), .string("min")].contains(node.attributes["reduction"]) { minimum = max(minimum, 18) }
        case "Pad":
            if node.inputs.count > 3 { minimum = max(minimum, 18) }
            if node.attributes["mode"] == .string("wrap") { minimum = max(minimum, 19) }
        default:
            // Only a reduction that reads its axes from an input can be told to do nothing.
            if node.attributes["noop_with_empty_axes"] == .int(1), node.operatorName != "ReduceSum",
                node.inputs.count < 2, node.attributes["axes"] == nil
            {
                minimum = max(minimum, 18)
            }
        }
        return minimum
    }
}
