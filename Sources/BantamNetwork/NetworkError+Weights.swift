import BantamGraph

// Every text about weight files.

extension CodedError<NetworkErrorCode> {
    static func invalidWeights(_ path: String, _ reason: String) -> Self {
        Self(
            .invalidWeights, "The weight file cannot be used: \(reason).", location: ErrorLocation(file: path))
    }

    /// For readers that do not know the file's path; their callers add it.
    static func damagedWeights(_ reason: String, at offset: Int? = nil) -> Self {
        Self(
            .invalidWeights, "The weight file cannot be used: \(reason).", location: ErrorLocation(byteOffset: offset))
    }

    static func weightFile(_ cause: any Error) -> Self {
        guard let cause = cause as? GraphError else {
            return Self(.invalidWeights, "The weight file could not be handled: \(cause).")
        }
        return Self(.invalidWeights, cause.message, location: cause.location)
    }

    static func forbiddenGlobal(_ name: String, at offset: Int) -> Self {
        Self(
            .forbiddenGlobal,
            "The file wants \(name.printable) imported, and only tensors are read from it; save the weights alone: "
                + "torch.save(model.state_dict(), path).",
            location: ErrorLocation(byteOffset: offset))
    }

    static func unknownWeightFormat() -> Self {
        Self(
            .invalidWeights,
            "The file is neither PyTorch's (.pth, .pt, .th, by torch.save) nor safetensors; convert it to one of them.")
    }

    static func programArchive() -> Self {
        Self(
            .invalidWeights,
            "The file is a TorchScript program; save the weights alone: torch.save(model.state_dict(), path).")
    }

    static func noTensors() -> Self {
        Self(.invalidWeights, "The file holds no named tensors, neither by themselves nor under a key like state_dict.")
    }

    static func noMatchingWeights(file: [String], graph: [String]) -> Self {
        Self(
            .weightMismatch,
            "No tensor of the file has the name of one of the network's: the file has \(file.listed), the network "
                + "\(graph.listed); choose the architecture that the file was made for.")
    }

    static func unfitWeights(_ plan: WeightPlan) -> Self {
        var parts: [String] = []
        if !plan.missing.isEmpty { parts.append("lacks \(plan.missing.listed)") }
        if !plan.mismatched.isEmpty {
            let pairs = plan.mismatched.map { "\($0.name) (\($0.file), not \($0.network))" }
            parts.append("has other shapes or types: \(pairs.listed)")
        }
        if !plan.unused.isEmpty { parts.append("has tensors without a place: \(plan.unused.listed)") }
        return Self(
            .weightMismatch,
            "\(plan.loaded.count) tensors of the file fit the network, but it \(parts.joined(separator: " and ")); "
                + "choose the architecture that the file was made for, or load what fits (--partial).")
    }
}

extension [String] {
    /// The first few, and how many more there are.
    fileprivate var listed: String {
        let shown = prefix(3).map(\.printable).joined(separator: ", ")
        return count > 3 ? "\(shown) and \(count - 3) more" : isEmpty ? "none" : shown
    }
}

extension String {
    /// Short enough for a message and without control characters: it comes from a file.
    fileprivate var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(80).map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
    }
}

extension NetworkError {
    /// The same error, `count` bytes further on in the file.
    func moved(by count: Int) -> Self {
        var copy = self
        if let offset = location?.byteOffset { copy.location?.byteOffset = offset + count }
        return copy
    }
}
