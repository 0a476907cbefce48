public import BantamGraph

/// Applies a ReLU or Clip before the max-pooling instead of after it.
///
/// ```
/// Given:  c = Conv(x, W);  p = MaxPool(c);  y = Relu(p)
/// Result: c = Conv(x, W);  r = Relu(c);     y = MaxPool(r)
/// ```
///
/// Both orders give the same numbers, because neither function reverses an order. But only in the second can the
/// activation be the last step of an integer convolution, which then writes uint8 instead of float32. A float model
/// gains nothing: it would apply the activation to more elements.
///
/// Conditions: nobody else reads `p`, and `p` is no output of the graph.
///
/// - Reference: the order of *Quantizing Deep Convolutional Networks for Efficient Inference* (Krishnamoorthi 2018),
///   where every activation is fused into the layer before it.
public struct MoveActivationBeforePooling: GraphPass {
    public static let name = "MoveActivationBeforePooling"

    private static let monotone: Set<String> = ["Relu", "Clip"]

    public init() {}

    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var changes = 0
        for id in graph.nodes.keys {
            while let pooling = poolingBefore(id, in: graph) {
                swap(pooling, id, in: &graph)
                changes += 1
            }
        }
        if changes > 0 { try graph.sortNodes() }
        return PassResult(changes: changes)
    }

    /// The max-pooling whose only reader is this activation.
    private func poolingBefore(_ id: NodeID, in graph: Graph) -> Node? {
        let activation = graph[id]
        guard activation.domain.isEmpty, Self.monotone.contains(activation.operatorName),
            activation.filledInputs.dropFirst().allSatisfy({ graph.constants[$0.value] != nil }),
            let pooled = activation.inputs.first ?? nil, let pooling = graph.producer(of: pooled),
            pooling.domain.isEmpty, pooling.operatorName == "MaxPool", pooling.outputs == [pooled],
            graph.consumers(of: pooled) == [id], !graph.isOutput(pooled)
        else { return nil }
        return pooling
    }

    private func swap(_ pooling: Node, _ id: NodeID, in graph: inout Graph) {
        guard let pooled = pooling.mainOutput, let result = graph[id].mainOutput,
            let source = pooling.inputs.first ?? nil
        else { return }
        graph.replaceUses(of: result, with: pooled)
        graph.setInput(0, of: id, to: source)
        graph.setInput(0, of: pooling.id, to: result)
        graph.setType(graph[result].type, of: pooled)
        graph.setType(graph[source].type, of: result)
    }
}
