public import BantamGraph

extension Graph {
    /// Operators that compute on integers, or turn them into numbers.
    private static let integerOperators: Set<String> = [
        "ConvInteger", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "QLinearConv", "QLinearMatMul",
    ]

    /// - Throws: `quantizedModel` when weights or activations are integers already: what changes numbers must come first.
    ///   A model that takes pixels as bytes and computes on numbers is none of them.
    public func requireNotQuantized() throws(CompressionError) {
        let given = Set(inputs.map(\.value))
        let node = nodes.values.first { node in
            guard node.domain.isEmpty, Self.integerOperators.contains(node.operatorName) else { return false }
            return !(node.operatorName == "DequantizeLinear" && node.inputs[0].map(given.contains) ?? false)
        }
        if let node { throw .quantizedModel(node: node.label) }
    }
}
