public import OrderedCollections

/// Writes a graph node by node, as an architecture does.
///
/// Each method appends one node, named within the current scope (``enterScope(_:)``), and returns its output:
///
/// ```swift
/// var build = GraphBuilder(name: "simple_cnn")
/// let image = build.input("input", .float32, ["N", 1, 28, 28])
/// let scores = build.node("Relu", [image], name: "relu")
/// build.output(scores, name: "logits")
/// let graph = build.graph
/// ```
public struct GraphBuilder {
    public private(set) var graph: Graph
    private var path: [String] = []

    public init(name: String) {
        graph = Graph(name: name)
    }

    /// Prefixes the names of what is added until ``leaveScope()``: `"layer1"` makes `"layer1.conv1"`.
    public mutating func enterScope(_ name: String) { path.append(name) }

    public mutating func leaveScope() { path.removeLast() }

    public mutating func input(_ name: String, _ dtype: DType, _ dimensions: [InputDimension]) -> ValueID {
        graph.addInput(name, dtype, dimensions)
    }

    public mutating func constant(_ name: String, _ data: TensorData) -> ValueID {
        graph.addConstant(qualified(name), data)
    }

    /// A single number that is learned: one of ``Graph/learnedScalars``.
    public mutating func learnedScalar(_ name: String, _ number: Float) -> ValueID {
        let value = constant(name, TensorData(scalar: number))
        graph.learnedScalars.append(graph[value].name)
        return value
    }

    /// Appends a node with one output.
    public mutating func node(
        _ operatorName: String, _ inputs: [ValueID?], name: String = "",
        attributes: OrderedDictionary<String, Attribute> = [:]
    ) -> ValueID {
        nodes(operatorName, inputs, name: name, outputs: 1, attributes: attributes)[0]
    }

    /// Appends a node with several outputs.
    public mutating func nodes(
        _ operatorName: String, _ inputs: [ValueID?], name: String = "", outputs: Int,
        attributes: OrderedDictionary<String, Attribute> = [:]
    ) -> [ValueID] {
        let name = qualified(name.isEmpty ? operatorName.lowercased() : name)
        let outputNames = outputs == 1 ? ["\(name).out"] : (0..<outputs).map { "\(name).out\($0)" }
        return graph.addNode(
            operatorName, name: name, inputs: inputs, outputNames: outputNames, attributes: attributes)
    }

    public mutating func output(_ value: ValueID, name: String) {
        graph.rename(value, to: name)
        graph.addOutput(value)
    }

    private func qualified(_ name: String) -> String {
        (path + [name]).joined(separator: ".")
    }
}
