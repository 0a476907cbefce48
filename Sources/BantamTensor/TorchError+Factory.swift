import BantamGraph

// Every text of a `TorchError`.

extension CodedError<TorchErrorCode> {
    static func missingLibrary(_ error: GraphError) -> Self {
        Self(.missingLibrary, error.message, cause: error.cause)
    }

    static func missingDeviceLibrary(_ kind: Device.Kind, reason: String) -> Self {
        Self(
            .missingLibrary,
            "libtorch's \(kind.rawValue) library could not be loaded (\(reason)); set LIBTORCH to a libtorch built "
                + "for \(kind.rawValue) and run Scripts/bootstrap, or choose the device cpu.")
    }

    static func missingDevice(_ device: Device, count: Int) -> Self {
        Self(
            .missingLibrary,
            "there is no device \(device): this machine has \(count) of that kind; choose another device.")
    }

    /// - Parameter operands: The arguments, as a person would read them.
    static func operation(_ name: String, operands: String, code: TorchErrorCode, reason: String) -> Self {
        let reason = firstSentence(of: reason)
        return switch code {
        case .unknownOperator:
            Self(code, "libtorch has no operator \(name); check the name and the overload against its schemas.")
        case .invalidArgument:
            Self(code, "\(name)\(operands) does not fit the operator's schema: \(reason)")
        case .unsupported:
            Self(code, "\(name)\(operands) is not implemented: \(reason)")
        case .outOfMemory:
            Self(
                code,
                "\(name)\(operands) needs more memory than is free (\(reason)); use a smaller batch or input.")
        case .operationFailed, .missingLibrary, .internalFault:
            Self(code, "\(name)\(operands) failed: \(reason)")
        }
    }

    static func unsupportedDType(_ dtype: DType) -> Self {
        Self(.unsupported, "libtorch has no tensors of \(dtype.rawValue); convert the data to int8 or uint8 first.")
    }

    static func unsupportedResult(_ name: String, tag: Int32) -> Self {
        Self(.internalFault, "\(name) returned a value with the unknown tag \(tag).")
    }

    static func missingResult(_ name: String, found: String) -> Self {
        Self(.internalFault, "\(name) was expected to return one tensor and returned \(found).")
    }

    /// libtorch appends the place in its source and hints about its own debugging, over several lines.
    private static func firstSentence(of reason: String) -> String {
        var lines = reason.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        if let end = lines.firstIndex(where: { $0.hasPrefix("Exception raised from") || $0.hasPrefix("Declaration:") })
        {
            lines.removeSubrange(end...)
        }
        let text = lines.joined(separator: " ")
        return text.count <= 400 ? text : text.prefix(400) + "…"
    }
}
