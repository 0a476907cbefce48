import BantamGraph

// The texts of `ONNXError`. The file's name is added where the error leaves the module.

extension CodedError<ONNXErrorCode> {
    /// An error of the graph, as one of the file it was read from or is written to.
    init(_ error: GraphError) {
        let code: ONNXErrorCode =
            switch error.code {
            case .unreadableFile: .unreadableFile
            case .unwritableFile: .unwritableFile
            case .damagedGzip: .corrupt
            case .fileTooLarge: .fileTooLarge
            case .cycle: .cycle
            default: .invalidGraph
            }
        self.init(code, error.message, location: error.location, cause: error.cause)
    }

    private init(_ code: ONNXErrorCode, _ message: String, node: String) {
        self.init(code, message, location: ErrorLocation(node: node))
    }

    /// The same error, found in `node`, unless it already names one.
    func located(atNode node: String) -> Self {
        var copy = self
        var location = copy.location ?? ErrorLocation()
        if location.node == nil { location.node = node }
        copy.location = location
        return copy
    }

    // MARK: The file

    static func emptyFile() -> Self {
        Self(.corrupt, "The file is empty; an ONNX model is needed.")
    }

    static func corrupt(_ what: String, at offset: Int? = nil) -> Self {
        Self(
            .corrupt, "This is no ONNX model, or not all of it: \(what); export or download it again.",
            location: ErrorLocation(byteOffset: offset))
    }

    static func missingGraph() -> Self {
        Self(.missingGraph, "The file has no graph; export or download the model again.")
    }

    static func missingOpset(supported: ClosedRange<Int>) -> Self {
        Self(
            .unsupportedOpset,
            "The file does not say which version of ONNX's operators it uses; \(supported.lowerBound) to "
                + "\(supported.upperBound) are supported.")
    }

    static func unsupportedOpset(_ opset: Int, supported: ClosedRange<Int>) -> Self {
        Self(
            .unsupportedOpset,
            "Opset \(opset) is not supported (\(supported.lowerBound) to \(supported.upperBound) are); export the model "
                + "with one of these, or convert it with onnx.version_converter.")
    }

    static func insufficientOpset(_ opset: Int, needed: Int) -> Self {
        Self(.unsupportedOpset, "The model uses what opset \(opset) does not have; write it with \(needed) or later.")
    }

    static func unencodable(reason: String) -> Self {
        Self(.invalidGraph, "The model cannot be encoded: \(reason).")
    }

    // MARK: Limits

    static func fileTooLarge(_ bytes: ByteCount, limit: ByteCount) -> Self {
        Self(.fileTooLarge, "The file has \(bytes); files of up to \(limit) are read.")
    }

    static func compressedTooLarge(_ bytes: ByteCount, limit: ByteCount) -> Self {
        Self(
            .fileTooLarge,
            "The model takes \(bytes), and a compressed file holds up to \(limit); leave .gz out of its name: it is then "
                + "written with its weights in a second file.")
    }

    static func encodedTooLarge(_ bytes: ByteCount, limit: ByteCount) -> Self {
        Self(.fileTooLarge, "The model takes \(bytes) in one message; up to \(limit) are possible.")
    }

    static func structureTooLarge(limit: ByteCount) -> Self {
        Self(
            .structureTooLarge,
            "What the file holds besides raw weights exceeds \(limit); save the weights as raw or external data.")
    }

    static func tooManyNodes(limit: Int) -> Self {
        Self(.tooManyNodes, "The model has more than \(limit) nodes, local functions written out.")
    }

    static func tooManyCalls(limit: Int) -> Self {
        Self(.tooManyNodes, "Local functions are called more than \(limit) times; export the model without functions.")
    }

    static func tooManyTensors(limit: Int) -> Self {
        Self(.tooManyTensors, "The model has more than \(limit) initializers.")
    }

    static func nestingTooDeep(limit: Int) -> Self {
        Self(.nestingTooDeep, "Graphs within graphs, or calls of functions, go deeper than \(limit) levels.")
    }

    static func tensorTooLarge(_ shape: Shape, of what: String, limit: Int) -> Self {
        Self(.tensorTooLarge, "The \(what) has shape \(shape); tensors of up to \(limit) elements are read.")
    }

    // MARK: The graph

    static func missingName(_ kind: String) -> Self {
        Self(.missingName, "An \(kind) of the graph has no name; give it one and export the model again.")
    }

    static func duplicateValue(_ name: String, kind: String) -> Self {
        Self(.duplicateValue, "The \(kind) \(name) has the name of another value; names must be unique.")
    }

    static func undefinedValue(_ name: String, node: String) -> Self {
        Self(
            .undefinedValue, "Its input \(name) is not defined by any node, input or initializer of the model.",
            node: node)
    }

    static func undefinedOutput(_ name: String) -> Self {
        Self(.undefinedValue, "The model's output \(name) is not defined by any node, input or initializer.")
    }

    static func missingShape(input: String) -> Self {
        Self(.invalidShape, "The input \(input) has no shape; export the model with shapes for its inputs.")
    }

    static func rank(_ rank: Int, of what: String, limit: Int) -> Self {
        Self(.invalidShape, "The \(what) has \(rank) axes; at most \(limit) are supported.")
    }

    static func negativeDimension(_ shape: Shape, of what: String) -> Self {
        Self(.invalidShape, "The \(what) has shape \(shape); sizes must not be negative.")
    }

    static func noTensor(input: String) -> Self {
        Self(
            .unsupportedType, "The input \(input) is no tensor; sequences, maps and optional values are not supported.")
    }

    static func unsupportedType(code: Int, of what: String) -> Self {
        let names = [
            0: "undefined", 8: "string", 14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz",
            19: "float8e5m2", 20: "float8e5m2fnuz", 23: "float4e2m1",
        ]
        let supported = DType.allCases.map(\.rawValue).joined(separator: ", ")
        return Self(
            .unsupportedType,
            "The \(what) has the element type \(names[code] ?? "number \(code)"); supported are \(supported).")
    }

    static func sparseTensor(_ name: String) -> Self {
        Self(.sparseTensor, "The initializer \(name) is stored as a sparse tensor; save the model with dense weights.")
    }

    static func missingOperator(node: String) -> Self {
        Self(.corrupt, "It does not name its operator; export or download the model again.", node: node)
    }

    // MARK: Attributes and functions

    static func unnamedAttribute(node: String) -> Self {
        Self(.invalidAttribute, "An attribute has no name.", node: node)
    }

    static func duplicateAttribute(_ name: String, node: String) -> Self {
        Self(.invalidAttribute, "The attribute \(name) is given twice.", node: node)
    }

    static func unsupportedAttribute(_ name: String, _ what: String, node: String) -> Self {
        Self(.invalidAttribute, "The attribute \(name) holds \(what), which is not supported.", node: node)
    }

    static func invalidText(_ name: String, node: String) -> Self {
        Self(.invalidAttribute, "The attribute \(name) is no UTF-8 text.", node: node)
    }

    static func invalidConstant(node: String) -> Self {
        Self(.invalidAttribute, "A Constant needs exactly one attribute, its value, and one output.", node: node)
    }

    static func functionOpset(_ opset: Int, function: String, modelOpset: Int) -> Self {
        Self(
            .unsupportedFunction,
            "The function \(function) uses opset \(opset), the model \(modelOpset); inline the functions with "
                + "onnx.inliner.")
    }

    static func functionArity(function: String, node: String) -> Self {
        Self(
            .unsupportedFunction, "It calls the function \(function) with more inputs or outputs than that has.",
            node: node)
    }

    static func functionWithGraph(function: String, node: String) -> Self {
        Self(
            .unsupportedFunction,
            "The function \(function) has a control-flow node, \(node); inline the functions with onnx.inliner.")
    }

    static func computedSetting(_ setting: String, node: String, opset: Int) -> Self {
        Self(
            .invalidGraph,
            "In opset \(opset) \(setting) must be known before the model runs, and here it is computed; write the model with "
                + "opset \(OpsetRequirement.newest).",
            node: node)
    }

    // MARK: Weights

    static func dataSize(_ bytes: Int, expected: Int, type: TensorType, of what: String) -> Self {
        Self(.dataSizeMismatch, "The \(what) is \(type), which takes \(expected) bytes; it has \(bytes).")
    }

    static func elementCount(_ count: Int, expected: Int, of what: String) -> Self {
        Self(.dataSizeMismatch, "The \(what) has \(count) numbers; its shape asks for \(expected).")
    }

    static func outOfRange(_ number: String, _ type: String, of what: String) -> Self {
        Self(.dataOutOfRange, "The \(what) holds \(number), which does not fit \(type).")
    }

    static func missingLocation(of what: String) -> Self {
        Self(.externalData, "The \(what) is stored outside the model, but no location is given.")
    }

    static func externalNumber(_ text: String, key: String, of what: String) -> Self {
        Self(
            .externalData,
            "The \(what) is stored outside the model with the \(key) \"\(text)\", which is no byte count.")
    }

    static func externalPath(_ location: String, of what: String) -> Self {
        Self(
            .externalPath,
            "The \(what) is stored in \(location), outside the model's folder; if you trust the model, move that file "
                + "beside it.")
    }

    static func externalFile(_ location: String, reason: String, of what: String) -> Self {
        Self(
            .externalData,
            "The \(what) is stored in \(location) beside the model, which cannot be read (\(reason)); copy the model "
                + "together with its data.")
    }

    static func externalRange(
        offset: Int, length: Int, fileBytes: Int, _ location: String, of what: String
    ) -> Self {
        Self(
            .externalData,
            "The \(what) takes \(length) bytes at \(offset) of \(location), which has only \(fileBytes); copy the model "
                + "together with its data.")
    }
}
