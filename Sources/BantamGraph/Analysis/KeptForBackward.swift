/// The values that training must hold from the forward to the backward pass: most of its memory.
///
/// Each operator names the tensors its gradient needs (``Operator/keptForBackward(of:)``). A tensor that several
/// nodes keep is held once, and a view is held as what it shows. Weights are not counted: they are there anyway.
public struct KeptForBackward: Sendable {
    /// Values of the graph, in the order of the first nodes that keep them.
    public let values: [ValueID]
    /// Their memory, and that of what nodes keep beside them (``KeptValue/intermediate(_:)``).
    public let bytes: ByteCount

    /// - Parameter sizes: The sizes of free dimensions, such as the batch's. Those not named are 1.
    /// - Throws: the first violation found by ``ShapeInference``.
    /// - Complexity: O(nodes + edges).
    public init(of graph: Graph, sizes: [String: Int] = [:]) throws(GraphError) {
        let types = try ShapeInference(of: graph, sizes: sizes, mode: .training)
        let aliases = ValueAliases(in: graph, mode: .training)
        var kept: Set<ValueID> = []
        var values: [ValueID] = []
        var bytes = ByteCount.zero
        for node in graph.nodes.values {
            let context = types.context(of: node, mode: .training)
            for slot in try Operators.definition(of: node).keptForBackward(of: context) {
                let value: ValueID?
                switch slot {
                case .input(let index): value = index < node.inputs.count ? node.inputs[index] : nil
                case .output(let index): value = index < node.outputs.count ? node.outputs[index] : nil
                case .intermediate(let type):
                    bytes += type.byteCount
                    value = nil
                }
                guard let root = value.map(aliases.root), graph.constants[root] == nil, kept.insert(root).inserted
                else { continue }
                values.append(root)
                bytes += types[root]?.byteCount ?? .zero
            }
        }
        self.values = values
        self.bytes = bytes
    }
}
