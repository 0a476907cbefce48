// The texts of `GraphError` that do not belong to one operator.

extension CodedError<GraphErrorCode> {
    static func missingLibrary(plugin: String, reason: String) -> Self {
        Self(
            .missingLibrary,
            "\(plugin) could not be opened; run `bantam doctor` for the command that installs it.",
            cause: LoaderFailure(reason: reason))
    }

    public static func unreadableFile(_ path: String, reason: String) -> Self {
        Self(
            .unreadableFile, "The file cannot be read (\(reason)); check its path and permissions.",
            location: ErrorLocation(file: path))
    }

    public static func unwritableFile(_ path: String, reason: String) -> Self {
        Self(
            .unwritableFile,
            "The file cannot be written (\(reason)) and nothing was changed there; make room, or choose another place.",
            location: ErrorLocation(file: path))
    }

    static func damagedGzip(_ path: String, reason: String) -> Self {
        Self(
            .damagedGzip, "The gzipped file is damaged (\(reason)); copy or download it again.",
            location: ErrorLocation(file: path))
    }

    static func expandsTooFar(_ path: String, limit: ByteCount) -> Self {
        Self(
            .fileTooLarge, "The gzipped file holds more than \(limit), the most that is expanded.",
            location: ErrorLocation(file: path))
    }

    public static func fileTooLarge(_ path: String, _ size: ByteCount, limit: ByteCount) -> Self {
        Self(
            .fileTooLarge, "The file has \(size); at most \(limit) are read.", location: ErrorLocation(file: path))
    }

    static func noMemory(toExpand path: String) -> Self {
        unreadableFile(path, reason: "no memory to expand it")
    }

    static func cycle(through labels: [String]) -> Self {
        let shown = labels.prefix(4).joined(separator: ", ") + (labels.count > 4 ? ", ..." : "")
        return Self(.cycle, "The graph has a cycle through \(shown); a model must be acyclic.")
    }

    static func unknownOperator(of node: Node, supported: [String]) -> Self {
        let domain = node.domain.isEmpty ? "" : " of domain \(node.domain)"
        let near = Spelling.nearest(to: node.operatorName, among: supported)
        let question = near.isEmpty ? "" : " (did you mean \(near.joined(separator: " or "))?)"
        return Self(
            .unknownOperator,
            "The operator \(node.operatorName)\(domain) is not supported\(question); export the model without "
                + "it, or add it as CONTRIBUTING.md shows to the \(supported.count) that are supported, of ONNX's own "
                + "domain: \(supported.joined(separator: ", ")).",
            location: ErrorLocation(node: node.label))
    }

    static func dynamicSetting(_ name: String, of node: Node) -> Self {
        Self(
            .dynamicShape,
            "\(name) is computed while the model runs, and must be a constant; export the model with fixed shapes.",
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

    static func noOutput(of node: Node) -> Self {
        Self(
            .invalidNode, "It has no output, so nothing can depend on it; remove it.",
            location: ErrorLocation(node: node.label))
    }

    static func outputCount(_ inferred: Int, of node: Node) -> Self {
        Self(
            .invalidNode, "It has \(node.outputs.count) outputs; the operator makes \(inferred).",
            location: ErrorLocation(node: node.label))
    }

    static func tensorTooLarge(_ type: TensorType, of value: Value) -> Self {
        Self(
            .shapeMismatch,
            "\(value.name) would be \(type), more than \(TensorType.elementLimit) elements; check the input's sizes.")
    }

    // MARK: Memory

    static func outOfMemory(_ bytes: ByteCount) -> Self {
        Self(.outOfMemory, "There is no memory for a tensor of \(bytes); choose a smaller batch or smaller inputs.")
    }

    static func uncountable(_ type: TensorType) -> Self {
        Self(.shapeMismatch, "A tensor of \(type) has more bytes than can be counted; check its sizes.")
    }

    // MARK: Verifier

    static func undefinedValue(_ name: String, readBy node: Node) -> Self {
        Self(
            .undefinedValue,
            "Its input \(name) is neither an input of the graph, nor a constant, nor computed by an earlier node.",
            location: ErrorLocation(node: node.label))
    }

    static func danglingValue(_ name: String) -> Self {
        Self(.undefinedValue, "The value \(name) is computed by no node; remove it or give it a producer.")
    }

    static func duplicateName(_ name: String, kind: String) -> Self {
        Self(.invalidGraph, "The name \(name) is used for more than one \(kind); names must be unique.")
    }

    static func noOutputs(of name: String) -> Self {
        Self(.invalidGraph, "The graph \(name) has no outputs; declare at least one.")
    }

    static func nonFiniteWeight(_ name: String, number: Double, element: Int, readBy node: Node?) -> Self {
        let what = number.isNaN ? "NaN" : "infinite"
        return Self(
            .nonFiniteWeight,
            "The weight \(name) is \(what) at element \(element); the model was probably saved after its"
                + " training diverged; use an earlier checkpoint.",
            location: node.map { ErrorLocation(node: $0.label) })
    }

    static func negativeVariance(_ variance: Double, channel: Int, epsilon: Double, of node: Node) -> Self {
        let fault =
            variance < 0
            ? "The variance is negative: \(variance)" : "The variance and its epsilon are zero"
        return Self(
            .invalidNode,
            "\(fault) for channel \(channel) (epsilon \(epsilon)), so its output would be NaN or infinite; its statistics"
                + " are damaged: export the model again, from an earlier checkpoint.",
            location: ErrorLocation(node: node.label))
    }

    // MARK: Passes

    static func passFailed(_ name: String, _ error: Self) -> Self {
        Self(error.code, "The pass \(name) failed: \(error.message)", location: error.location, cause: error.cause)
    }

    // MARK: Removing channels

    static func groupNotPrunable(_ label: String, reason: String) -> Self {
        Self(.channelsNotRemovable, "Channels of \(label) cannot be removed: \(reason).")
    }

    static func channelOutOfRange(_ channel: Int, of label: String, count: Int) -> Self {
        Self(.channelsNotRemovable, "Channel \(channel) of \(label) cannot be removed: it has channels 0..<\(count).")
    }

    static func noChannelLeft(of label: String, count: Int) -> Self {
        Self(.channelsNotRemovable, "All \(count) channels of \(label) would be removed; at least one must stay.")
    }

    static func unexpectedType(_ type: TensorType?, expected: TensorType, of value: Value, producer: Node?) -> Self {
        Self(
            .channelsNotRemovable,
            "After its channels were removed \(value.name) is \(type?.description ?? "of unknown type") instead of"
                + " \(expected): a size is computed inside the model; run the passes of `Passes.inference` first.",
            location: producer.map { ErrorLocation(node: $0.label) })
    }
}
