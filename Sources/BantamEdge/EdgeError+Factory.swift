import BantamGraph
import BantamModel
import BantamONNX

// Every text of an `EdgeError`.

extension CodedError<EdgeErrorCode> {
    static func missingLibrary(_ error: GraphError) -> Self {
        Self(.missingLibrary, error.message, cause: error.cause)
    }

    static func brokenRuntime(_ reason: String) -> Self {
        Self(.missingLibrary, "OpenVINO does not start (\(reason)); run Scripts/bootstrap again.")
    }

    static func unsupportedDevice(_ device: String, reason: String) -> Self {
        Self(
            .unsupportedDevice,
            "device \(device) cannot be used (\(reason)); `bantam doctor` lists the devices of this machine.")
    }

    static func unsupportedPrecision(
        _ precision: ArithmeticPrecision, device: String, capabilities: String
    ) -> Self {
        Self(
            .unsupportedDevice,
            "device \(device) has no \(precision.rawValue) arithmetic, only \(capabilities); use float32.")
    }

    static func invalidOption(_ name: String, _ value: Int) -> Self {
        Self(.invalidOption, "\(name) is \(value); give a number of 1 or more.")
    }

    static func unknownInstructionSet(_ name: String, known: [String]) -> Self {
        Self(.invalidOption, "there is no instruction set \(name); there are \(known.joined(separator: ", ")).")
    }

    static func missingInstructionSet(_ name: String, feature: String) -> Self {
        Self(
            .unsupportedDevice,
            "this processor does not have \(name) (\(feature)); `bantam doctor` lists what it has.")
    }

    // MARK: Models

    static func unreadableModel(_ path: String, reason: String) -> Self {
        Self(.unreadableModel, "the model cannot be opened: \(reason).", location: ErrorLocation(file: path))
    }

    static func unreadableModel(_ error: GraphError) -> Self {
        Self(.unreadableModel, error.message, location: error.location)
    }

    static func damagedModel(_ path: String, reason: String) -> Self {
        Self(
            .unreadableModel, "not an ONNX model, or a damaged one (\(reason)); export or download it again.",
            location: ErrorLocation(file: path))
    }

    static func unsupportedModel(_ path: String, reason: String) -> Self {
        Self(
            .unsupportedModel,
            "OpenVINO cannot run this model: \(reason); `bantam inspect` lists its operators.",
            location: ErrorLocation(file: path))
    }

    /// A model that Bantam cannot hand to the runtime in a form that both read alike.
    static func unsupportedModel(_ path: String, _ error: ONNXError) -> Self {
        Self(
            .unsupportedModel, error.message, location: ErrorLocation(file: path, node: error.location?.node),
            cause: error)
    }

    static func rewrittenTooLarge(_ path: String, _ error: ONNXError) -> Self {
        Self(
            .unsupportedModel,
            "OpenVINO would compute this file in another way than ONNX says, and it is too large to be rewritten for it "
                + "in memory; export it with opset 17, without local functions.",
            location: ErrorLocation(file: path), cause: error)
    }

    static func unsupportedShapes(_ path: String, shapes: [String], reason: String) -> Self {
        Self(
            .shapeMismatch,
            "the model cannot take inputs of \(shapes.joined(separator: ", ")): \(reason); give the shapes it was "
                + "exported for.",
            location: ErrorLocation(file: path))
    }

    // MARK: Inputs

    static func unknownInput(_ name: String, known: [String], path: String) -> Self {
        Self(
            .inputMismatch, "the model has no input \"\(name)\"; its inputs are \(list(known)).",
            location: ErrorLocation(file: path))
    }

    static func missingInput(_ name: String, given: [String], path: String) -> Self {
        Self(
            .inputMismatch, "input \"\(name)\" was not given, only \(list(given)).",
            location: ErrorLocation(file: path))
    }

    static func wrongInputCount(_ count: Int, expected: [String], path: String) -> Self {
        Self(
            .inputMismatch,
            "\(count) inputs were given to a model that takes \(expected.count): \(list(expected)).",
            location: ErrorLocation(file: path))
    }

    static func wrongShape(_ shape: Shape, port: TensorPort, path: String) -> Self {
        Self(
            .shapeMismatch,
            "input \"\(port.name)\" takes \(port.shapeText) and was given \(shape); resize or reshape the data.",
            location: ErrorLocation(file: path))
    }

    static func wrongDType(_ dtype: DType, port: TensorPort, path: String) -> Self {
        Self(
            .dtypeMismatch,
            "input \"\(port.name)\" takes \(port.dtype.rawValue) and was given \(dtype.rawValue); convert the data.",
            location: ErrorLocation(file: path))
    }

    static func freeDimensions(_ port: TensorPort, path: String) -> Self {
        Self(
            .shapeMismatch,
            "input \"\(port.name)\" is \(port.shapeText), and only its first dimension may be chosen here; give a "
                + "full shape for it.",
            location: ErrorLocation(file: path))
    }

    // MARK: Evaluation

    static func labelOutOfRange(_ label: Int64, classes: Int, path: String) -> Self {
        Self(
            .invalidLabels,
            "label \(label) does not fit the model's \(classes) classes; evaluate it on the data set it was made for.",
            location: ErrorLocation(file: path))
    }

    static func labelCount(_ labels: Int, images: Shape) -> Self {
        Self(.invalidLabels, "\(labels) labels came with images of shape \(images); give one label per image.")
    }

    static func noClassifier(output: String, type: TensorType, batch: Int, path: String) -> Self {
        Self(
            .invalidLabels,
            "output \"\(output)\" is \(type) for \(batch) images, which is not one floating-point score per class; "
                + "evaluate a classifier.",
            location: ErrorLocation(file: path))
    }

    static func noSamples() -> Self {
        Self(.invalidLabels, "the data set has no samples; give a folder or an IDX pair with at least one.")
    }

    // MARK: Running and measuring

    static func inferenceFailed(_ path: String, reason: String) -> Self {
        Self(.inferenceFailed, "the run failed in OpenVINO: \(reason).", location: ErrorLocation(file: path))
    }

    static func unknownOutputType(_ output: String, path: String) -> Self {
        Self(
            .unsupportedModel, "tensor \"\(output)\" has an element type outside ONNX's numbers and booleans.",
            location: ErrorLocation(file: path))
    }

    static func noMemoryFigures(_ file: String) -> Self {
        Self(.measurementFailed, "\(file) cannot be read; memory is measured on Linux with /proc mounted.")
    }

    static func childFailed(_ executable: String, reason: String) -> Self {
        Self(.measurementFailed, "the measuring process \(executable) failed: \(reason).")
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
