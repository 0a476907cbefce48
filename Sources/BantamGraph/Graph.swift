public import OrderedCollections

/// A model: nodes that apply operators, the values between them, and the weights.
///
/// Everything Bantam handles is a `Graph`: an imported ONNX file, a built-in architecture, the pruned, quantized
/// and factorized models made from them. Its vocabulary is the ONNX operator set, so reading and writing lose
/// nothing.
///
/// A graph is a value. Copies share weights until one is changed, so a pass can work on a copy, and before and
/// after can be compared, at no cost:
///
/// ```swift
/// var graph = try ONNXFile.read("model.onnx").graph
/// let before = graph
/// try FoldBatchNorm().run(on: &graph)
/// print(before.nodes.count, "->", graph.nodes.count)
/// ```
///
/// ## Identity
/// Nodes and values are named by ``NodeID`` and ``ValueID``, which stay the same through edits. A value is produced
/// by a node, or is an input of the graph, or is a constant (``constants``): a weight, or a number that was written
/// into the model.
///
/// ## Order
/// ``nodes`` is kept in an order in which each node follows those it depends on.
///
/// ## Editing
/// All changes go through the methods of `Graph+Editing.swift`, which keep the index of consumers right.
/// ``checkInvariants()`` says whether they did.
public struct Graph: Sendable {
    public var name: String
    /// In topological order.
    public internal(set) var nodes: OrderedDictionary<NodeID, Node> = [:]
    public internal(set) var values: [ValueID: Value] = [:]
    public internal(set) var inputs: [GraphInput] = []
    public internal(set) var outputs: [ValueID] = []
    /// Weights and other numbers stored with the model, in the order they were added.
    public internal(set) var constants: OrderedDictionary<ValueID, TensorData> = [:]
    /// Free text that travels with the model: preprocessing, class names, provenance.
    public var metadata: OrderedDictionary<String, String> = [:]

    var valuesByName: [String: ValueID] = [:]
    /// Who reads a value: one entry for each input slot, in no particular order.
    var consumerIndex: [ValueID: [NodeID]] = [:]
    /// The numbers that were last appended to names that were taken.
    var lastSuffix: [String: Int] = [:]
    var nextNode: Int32 = 0
    var nextValue: Int32 = 0

    public init(name: String = "graph") {
        self.name = name
    }
}

/// A value the caller supplies.
public struct GraphInput: Hashable, Sendable {
    public var value: ValueID
    public var dtype: DType
    /// One entry an axis: a size, or the name of a size that is free (`"N"`).
    public var dimensions: [InputDimension]

    public init(value: ValueID, dtype: DType, dimensions: [InputDimension]) {
        self.value = value
        self.dtype = dtype
        self.dimensions = dimensions
    }

    /// The shape with every free dimension set to the size `sizes` gives it, or else to `defaultSize`.
    public func shape(sizes: [String: Int] = [:], defaultSize: Int = 1) -> Shape {
        Shape(dimensions.map { $0.fixedSize ?? sizes[$0.name ?? ""] ?? defaultSize })
    }
}

/// The extent of one axis of a graph's input.
public enum InputDimension: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    case fixed(Int)
    /// Chosen anew for each run; axes of the same name have the same size.
    case free(String)

    public init(integerLiteral size: Int) { self = .fixed(size) }
    public init(stringLiteral name: String) { self = .free(name) }

    public var fixedSize: Int? {
        if case .fixed(let size) = self { size } else { nil }
    }

    public var name: String? {
        if case .free(let name) = self { name } else { nil }
    }
}

extension Graph {
    /// - Precondition: `id` belongs to this graph.
    public subscript(id: NodeID) -> Node {
        guard let node = nodes[id] else { preconditionFailure("no node \(id) in graph \(name)") }
        return node
    }

    /// - Precondition: `id` belongs to this graph.
    public subscript(id: ValueID) -> Value {
        guard let value = values[id] else { preconditionFailure("no value \(id) in graph \(name)") }
        return value
    }

    /// The value of this name.
    public func value(named name: String) -> ValueID? { valuesByName[name] }

    /// The nodes that read `value`, each once, in topological order of their creation.
    public func consumers(of value: ValueID) -> [NodeID] {
        OrderedSet((consumerIndex[value] ?? []).sorted()).elements
    }

    /// The node that computes `value`; `nil` for graph inputs and constants.
    public func producer(of value: ValueID) -> Node? {
        self[value].producer.map { self[$0] }
    }

    public func isOutput(_ value: ValueID) -> Bool { outputs.contains(value) }

    /// Which of the nodes comes first in the graph's order.
    public func firstInOrder(_ ids: [NodeID]) -> NodeID? {
        ids.min { nodes.index(forKey: $0) ?? 0 < nodes.index(forKey: $1) ?? 0 }
    }

    /// The free dimensions that come first in an input.
    public var batchNames: Set<String> { Set(inputs.compactMap { $0.dimensions.first?.name }) }

    /// A size for each of ``batchNames``.
    public func sizes(batch: Int) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: batchNames.map { ($0, batch) })
    }

    /// The constant that fills the node's input slot, if a constant does.
    public func constant(_ slot: Int, of node: Node) -> TensorData? {
        guard slot < node.inputs.count, let value = node.inputs[slot] else { return nil }
        return constants[value]
    }
}

extension Graph: Equatable {
    /// Whether both have the same nodes, values and constants under the same ids.
    public static func == (left: Graph, right: Graph) -> Bool {
        left.name == right.name && left.nodes == right.nodes && left.values == right.values
            && left.inputs == right.inputs && left.outputs == right.outputs && left.constants == right.constants
            && left.metadata == right.metadata
    }
}
