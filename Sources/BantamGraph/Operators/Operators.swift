/// Every operator Bantam knows. A new one is one file in this folder and one line here.
public enum Operators {
    public static let all: [any Operator.Type] = [
        Relu.self
    ]

    private static let byName: [String: any Operator.Type] = Dictionary(
        uniqueKeysWithValues: all.map { ("\($0.domain)/\($0.name)", $0) })

    /// The definition of an operator.
    public static func definition(named name: String, domain: String = "") -> (any Operator.Type)? {
        byName["\(domain == "ai.onnx" ? "" : domain)/\(name)"]
    }

    /// The definition of a node's operator.
    ///
    /// - Throws: `unknownOperator`, naming the node and the operators there are.
    public static func definition(of node: Node) throws(GraphError) -> any Operator.Type {
        guard let definition = definition(named: node.operatorName, domain: node.domain) else {
            throw .unknownOperator(of: node, known: all.map { $0.name })
        }
        return definition
    }
}
