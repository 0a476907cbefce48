/// Replaces nodes whose inputs are all constants by their results.
///
/// ```
/// Given:  t = Transpose(weight[3, 2]) perm=[1, 0];  y = MatMul(x, t)
/// Result: y = MatMul(x, t[2, 3])
/// ```
///
/// Conditions: the operator evaluates itself (``Operator/evaluate(_:)``), and the result is no larger than
/// ``elementLimit`` or than the inputs together, so that a small model does not become a large file.
/// `DequantizeLinear` and its inverse stay: folding them would undo the quantization of weights.
public struct FoldConstants: GraphPass {
    public static let name = "FoldConstants"

    /// Results up to this many elements are stored even when the inputs are smaller.
    public var elementLimit = 65_536

    private static let excluded: Set<String> = ["DequantizeLinear", "QuantizeLinear"]

    public init() {}

    /// - Complexity: that of a shape inference, plus the elements of the results.
    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var result = PassResult()
        var replacement = ConstantReplacement()
        let types = try ShapeInference(of: graph)
        for id in graph.nodes.keys {
            // As it stands now: inputs that were folded before are constants.
            let node = graph[id]
            guard !Self.excluded.contains(node.operatorName),
                node.inputs.allSatisfy({ $0.map { graph.constants[$0] != nil } ?? true })
            else { continue }
            let constants = node.inputs.map { $0.flatMap { graph.constants[$0] } }
            let outputTypes = types.context(of: node).outputTypes
            let context = NodeContext(
                node: node, inputTypes: constants.map { $0?.type }, constants: constants, outputTypes: outputTypes)
            let size = outputTypes.reduce(0) { $0 + $1.shape.elementCount }
            guard size <= max(elementLimit, constants.reduce(0) { $0 + ($1?.elementCount ?? 0) }) else {
                result.skip(node, because: "its result has \(size) elements, more than its inputs")
                continue
            }
            guard let results = try Operators.definition(of: node).evaluate(context) else { continue }
            replacement.replace(node, by: results, in: &graph)
        }
        replacement.finish(in: &graph)
        result.changes = replacement.count
        return result
    }
}
