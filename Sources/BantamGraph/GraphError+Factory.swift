// The texts of `GraphError` that do not belong to one operator.

extension CodedError<GraphErrorCode> {
    static func missingLibrary(plugin: String, reason: String) -> Self {
        Self(
            .missingLibrary,
            "\(plugin) could not be opened (\(reason)); run `bantam doctor` for the command that installs it.")
    }

    public static func unreadableFile(_ path: String, reason: String) -> Self {
        Self(.unreadableFile, "The file cannot be read: \(reason).", location: ErrorLocation(file: path))
    }

    public static func unwritableFile(_ path: String, reason: String) -> Self {
        Self(
            .unwritableFile, "The file cannot be written: \(reason). Nothing was changed there.",
            location: ErrorLocation(file: path))
    }

    static func cycle(through labels: [String]) -> Self {
        let shown = labels.prefix(4).joined(separator: ", ") + (labels.count > 4 ? ", ..." : "")
        return Self(.cycle, "The graph has a cycle through \(shown); a model must be acyclic.")
    }

    static func unknownOperator(of node: Node, known: [String]) -> Self {
        let domain = node.domain.isEmpty ? "" : " of domain \(node.domain)"
        return Self(
            .unknownOperator,
            "The operator \(node.operatorName)\(domain) is not supported; supported are "
                + known.sorted().joined(separator: ", ") + ".",
            location: ErrorLocation(node: node.label))
    }

    static func dynamicSetting(_ name: String, of node: Node) -> Self {
        Self(
            .dynamicShape,
            "\(name) is computed while the model runs; it must be a constant. Export the model with fixed shapes.",
            location: ErrorLocation(node: node.label))
    }

    static func missingInput(_ slot: InputSlot, of node: Node) -> Self {
        Self(.invalidNode, "The required input \(slot.name) is missing.", location: ErrorLocation(node: node.label))
    }

    static func tooManyInputs(_ count: Int, allowed: Int, of node: Node) -> Self {
        Self(
            .invalidNode, "It has \(count) inputs; the operator takes \(allowed).",
            location: ErrorLocation(node: node.label))
    }

    static func unknownType(of value: Value, readBy node: Node) -> Self {
        Self(
            .undefinedValue, "The type of its input \(value.name) is not known.",
            location: ErrorLocation(node: node.label))
    }

    static func outputCount(_ inferred: Int, of node: Node) -> Self {
        Self(
            .invalidNode, "It has \(node.outputs.count) outputs; the operator makes \(inferred).",
            location: ErrorLocation(node: node.label))
    }
}
