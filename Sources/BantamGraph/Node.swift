public import OrderedCollections

/// Names a node within one graph. Never reused, so it survives edits.
public struct NodeID: Hashable, Comparable, Sendable {
    let rawValue: Int32

    public static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }
}

/// Names a value (the edge between nodes) within one graph. Never reused.
public struct ValueID: Hashable, Comparable, Sendable {
    let rawValue: Int32

    public static func < (left: ValueID, right: ValueID) -> Bool { left.rawValue < right.rawValue }
}

/// One application of an operator.
public struct Node: Equatable, Sendable {
    public internal(set) var id: NodeID
    /// For people: unique where the model's author made it so.
    public var name: String
    /// The operator's ONNX name, such as `"Conv"`.
    public var operatorName: String
    /// `""` for ONNX's own operators.
    public var domain: String
    /// One entry a slot; `nil` where an optional input is left out.
    public internal(set) var inputs: [ValueID?]
    public internal(set) var outputs: [ValueID?]
    public var attributes: OrderedDictionary<String, Attribute>
    /// The pass or method that made this node; `nil` for those that came with the model.
    public var origin: String?

    /// An attribute that is a whole number.
    public func int(_ name: String, default defaultValue: Int) -> Int {
        if case .int(let value)? = attributes[name] { value } else { defaultValue }
    }

    /// Whether the operator brings channels to a mean and a spread, and scales and shifts each by learned numbers.
    public var isNormalization: Bool { Self.normalizations.contains(operatorName) }

    private static let normalizations: Set = [
        "BatchNormalization", "GroupNormalization", "InstanceNormalization", "LayerNormalization",
    ]

    /// `"conv1 (Conv)"`, for messages.
    public var label: String {
        name.isEmpty ? operatorName : "\(name) (\(operatorName))"
    }
}

/// What flows along an edge: a name, where it comes from, and its type as far as known.
public struct Value: Equatable, Sendable {
    public internal(set) var id: ValueID
    /// Unique within the graph: the name the value has in an ONNX file.
    public internal(set) var name: String
    /// Set by shape inference, at the sizes that were asked for.
    public var type: TensorType?
    /// The node that computes it; `nil` for graph inputs and constants.
    public internal(set) var producer: NodeID?
}
