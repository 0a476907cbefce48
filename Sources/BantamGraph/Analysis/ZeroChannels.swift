/// Tells where channels whose weights are zero have become something else.
///
/// A sum over channels may lose those that are zero, which is what pruning makes of a channel. Behind an exponential
/// they are ones: a softmax that is written out, `exp(x) / sum(exp(x))`, would change for all others.
struct ZeroChannels {
    private let graph: Graph

    init(in graph: Graph) {
        self.graph = graph
    }

    /// Of zero, these make another number.
    private static let liftingOperators: Set<String> = [
        "Acos", "Cos", "Cosh", "Equal", "Exp", "HardSigmoid", "Hardmax", "Log", "LogSoftmax", "Not", "Reciprocal",
        "Sigmoid", "Softmax", "Softplus",
    ]
    /// With weights of their own, which go with the channels.
    private static let layers: Set<String> = [
        "BatchNormalization", "Conv", "ConvTranspose", "Einsum", "Gemm", "GroupNormalization", "InstanceNormalization",
        "LayerNormalization", "MatMul",
    ]
    /// Further back nothing is looked up: what is that far behind the last weights is no common network.
    private static let depth = 32

    /// A node in front of `reader` that makes something of zeros; `nil` where there is none.
    ///
    /// - Returns: `reader` itself where the way back to the weights is too long.
    /// - Complexity: O(edges on the way); paths that part and meet again are gone once.
    func lifting(before reader: Node) -> NodeID? {
        var known: [Step: NodeID?] = [:]
        return reader.inputs[0].flatMap { lifting(Step(value: $0, reader: reader.id, depth: Self.depth), &known) }
    }

    /// A value on the way back, seen from one of its readers.
    private struct Step: Hashable {
        var value: ValueID
        var reader: NodeID
        /// How many more steps are gone.
        var depth: Int
    }

    private func lifting(_ step: Step, _ known: inout [Step: NodeID?]) -> NodeID? {
        if let result = known[step] { return result }
        let result = lookUp(step, &known)
        known[step] = .some(result)
        return result
    }

    private func lookUp(_ step: Step, _ known: inout [Step: NodeID?]) -> NodeID? {
        let (value, reader, depth) = (step.value, step.reader, step.depth)
        if let data = graph.constants[value] {
            return data.elementCount > 1 || data.doubles()?.first == 0 ? nil : reader
        }
        guard let node = graph.producer(of: value), !Self.layers.contains(node.operatorName) else { return nil }
        if depth == 0 { return reader }
        if Self.liftingOperators.contains(node.operatorName) { return node.id }
        let definition = Operators.definition(named: node.operatorName, domain: node.domain)
        let factors = node.inputs.compactMap(\.self)
        func further(_ input: ValueID) -> NodeID? {
            lifting(Step(value: input, reader: node.id, depth: depth - 1), &known)
        }
        switch node.operatorName {
        case "Mul":
            // One zero makes the product zero.
            let found = factors.map(further)
            return found.contains(nil) ? nil : found[0]
        case "Div", "Pow": return further(factors[0])
        default:
            for (slot, input) in node.inputs.enumerated() {
                guard let input, definition?.inputs[min(slot, (definition?.inputs.count ?? 1) - 1)].role != .setting
                else { continue }
                if let found = further(input) { return found }
                if definition is any Movement.Type, node.operatorName != "Concat" { return nil }
            }
            return nil
        }
    }
}
