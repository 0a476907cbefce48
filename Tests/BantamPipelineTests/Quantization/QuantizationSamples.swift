import BantamGraph
import BantamModel
import BantamQuantization
import BantamTestSupport
import FoundationEssentials

extension Graph {
    /// The types of all constants, by name.
    var constantTypes: [String: TensorType] {
        Dictionary(uniqueKeysWithValues: constants.map { (self[$0.key].name, $0.value.type) })
    }

    func constant(named name: String) -> TensorData? { value(named: name).flatMap { constants[$0] } }

    /// The node that computes the value of this name.
    func node(making name: String) -> Node? { value(named: name).flatMap { producer(of: $0) } }

    /// The names of a node's inputs.
    func inputNames(of node: Node) -> [String] { node.inputs.map { $0.map { self[$0].name } ?? "_" } }

    /// One node a line, with neither types nor costs.
    var plainText: String { TextPrinter(showsTypes: false, showsCosts: false).text(of: self) }
}

extension StaticQuantization {
    /// Prepares and quantizes a copy of the graph, with the same range for every activation.
    func quantizing(
        _ graph: Graph, range: ActivationRange = ActivationRange(-1, 3)
    ) throws -> (graph: Graph, plan: StaticQuantizationPlan) {
        var graph = graph
        try prepare(&graph)
        let names = try statistics(for: graph).map { graph[$0].name }
        let plan = try plan(for: graph, ranges: Dictionary(uniqueKeysWithValues: names.map { ($0, range) }))
        try Self.apply(plan, to: &graph)
        return (graph, plan)
    }
}

/// The value after a trip through JSON.
func throughJSON<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
}

/// The code of the `CompressionError` that `body` throws.
func errorCode(_ body: () throws -> Void) -> CompressionErrorCode? {
    do {
        try body()
        return nil
    } catch {
        return (error as? CompressionError)?.code
    }
}

/// What the `CompressionError` that `body` throws says; empty when there is none.
func errorText(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return (error as? CompressionError)?.description ?? ""
    }
}
