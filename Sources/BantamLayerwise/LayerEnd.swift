package import BantamGraph

/// What becomes of a layer's result before anything else sees it: a normalization of each channel, then a sum.
///
/// What a layer computes only counts by what it adds to the sum, in the sum's units.
package struct LayerEnd {
    /// A `BatchNormalization` that alone reads the layer's result.
    package private(set) var normalization: Node?
    /// What the result is multiplied by in it, for each channel; `nil` for 1.
    package private(set) var scales: [Double]?
    /// The value behind all of it: the layer's own result where nothing follows.
    package private(set) var value: ValueID
    /// What else is in the sum, of the same size; `nil` without a sum.
    package private(set) var addend: ValueID?

    package init?(of node: Node, in graph: Graph, _ types: ShapeInference) {
        guard let output = node.mainOutput else { return nil }
        value = output
        if let next = Self.onlyReader(of: output, in: graph), next.operatorName == "BatchNormalization",
            next.inputs.count > 4, next.inputs[0] == output, let result = next.mainOutput,
            let scale = graph.constant(1, of: next)?.elements(of: Float.self),
            let variance = graph.constant(4, of: next)?.elements(of: Float.self), scale.count == variance.count
        {
            let epsilon = Double(types.context(of: next).float("epsilon", default: 1e-5))
            normalization = next
            scales = zip(scale, variance).map { Double($0) / (Double($1) + epsilon).squareRoot() }
            value = result
        }
        if let sum = Self.onlyReader(of: value, in: graph), sum.operatorName == "Add", let result = sum.mainOutput,
            let other = sum.inputs.compactMap(\.self).first(where: { $0 != value }), graph.constants[other] == nil,
            types[other]?.shape == types[value]?.shape
        {
            addend = other
            value = result
        }
    }

    /// The node that alone sees a value, if there is one.
    package static func onlyReader(of value: ValueID, in graph: Graph) -> Node? {
        let readers = graph.consumers(of: value)
        guard readers.count == 1, !graph.isOutput(value) else { return nil }
        return graph[readers[0]]
    }
}
