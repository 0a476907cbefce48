import BantamGraph
import BantamTensor

// Every text of a `NetworkError`.

extension CodedError<NetworkErrorCode> {
    static func unknownArchitecture(_ name: String, known: [String]) -> Self {
        Self(
            .unknownArchitecture,
            "There is no architecture \(name); there are \(known.closest(to: name).joined(separator: ", ")) and others, "
                + "which `bantam create --list` lists.")
    }

    static func invalidGraph(_ cause: GraphError) -> Self {
        Self(.invalidGraph, cause.message, location: cause.location, cause: cause.cause)
    }

    static func inputCount(_ count: Int, expected: Int) -> Self {
        Self(.inputMismatch, "The network takes \(expected) inputs and was given \(count).")
    }

    static func inputShape(_ shape: Shape, expected: [InputDimension], name: String) -> Self {
        let sizes = expected.map { $0.fixedSize.map(String.init) ?? $0.name ?? "?" }
        return Self(
            .inputMismatch,
            "The input \(name) takes [\(sizes.joined(separator: ", "))] and was given \(shape).")
    }

    static func execution(_ cause: TorchError, node: String? = nil) -> Self {
        Self(
            cause.category == .missingRuntime ? .missingRuntime : .execution, cause.message,
            location: node.map { ErrorLocation(node: $0) } ?? cause.location)
    }

    static func unsupportedOutput(of node: String) -> Self {
        Self(
            .execution, "Its definition gives an output that is no tensor.", location: ErrorLocation(node: node))
    }
}

extension [String] {
    /// The few that begin most like `name`.
    fileprivate func closest(to name: String) -> [String] {
        let likeness = map { zip($0, name).prefix { $0 == $1 }.count }
        // Of equals the first come first.
        let order = indices.sorted { (likeness[$1], $0) < (likeness[$0], $1) }
        return order.prefix(6).sorted().map { self[$0] }
    }
}
