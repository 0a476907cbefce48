/// Which values share the memory of another: views that a runtime makes without copying.
struct ValueAliases: Sendable {
    /// Operators whose first output shows the bytes of their first input under another shape or name.
    private static let viewOperators: Set<String> = [
        "Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze",
    ]

    private var roots: [ValueID: ValueID] = [:]

    init(in graph: Graph, mode: NodeContext.Mode = .inference) {
        for node in graph.nodes.values where node.domain.isEmpty && Self.viewOperators.contains(node.operatorName) {
            if mode != .inference, node.operatorName == "Dropout" { continue }
            guard let input = node.inputs.first ?? nil, let output = node.outputs.first ?? nil else { continue }
            roots[output] = root(of: input)
        }
    }

    /// The value whose memory `value` shows: itself, unless it is a view.
    func root(of value: ValueID) -> ValueID { roots[value] ?? value }
}
