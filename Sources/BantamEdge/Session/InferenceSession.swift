public import BantamGraph
import COpenVINO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An ONNX file, opened in the runtime that edge devices use, ready to run.
///
/// ```swift
/// let session = try InferenceSession(contentsOf: "model.onnx")
/// let scores = try session.run([images])[0]  // [N, classes]
/// ```
///
/// Bantam takes every accuracy, latency and memory figure from here: from the exported file, as it will be run.
///
/// Inputs may leave dimensions free (``TensorPort/dimensions``). The runtime is much faster on fixed ones, so the
/// session compiles the model for each combination of shapes it meets, and keeps the last
/// ``InferenceSession/keptVariants`` of them. A model with fixed shapes is compiled when it is opened.
///
/// A session belongs to one task at a time, and so is not `Sendable`: a run uses its buffers. Its own threads are
/// OpenVINO's. Sessions are independent of each other.
public final class InferenceSession {
    /// The combinations of input shapes that stay compiled.
    public static let keptVariants = 8

    /// The file, as the caller named it.
    public let path: String
    public let options: SessionOptions
    public let inputs: [TensorPort]
    public let outputs: [TensorPort]

    private let functions: OpenVINO.Functions
    /// The file's model; `nil` once a model of fixed shapes is compiled, for it holds the weights a second time.
    private var model: OpaquePointer?
    /// Most recently used last.
    private var variants: [CompiledModel] = []

    /// What a gzipped model may expand to: one protobuf message.
    private static let largestExpandedModel = ByteCount(2 << 30 - 1)

    /// Opens a model file, gzipped or with the files of external weights it names.
    ///
    /// A file that OpenVINO would compute in another way than ONNX says, or whose inputs and outputs are of float16,
    /// bfloat16 or float64, is rewritten in memory: see `RuntimeModel`. Its inputs and outputs are float32 then.
    ///
    /// - Throws: `missingLibrary` without OpenVINO; `unreadableModel` for a file that is absent or damaged;
    ///   `unsupportedModel` for an operator that OpenVINO lacks; `unsupportedDevice` for a device or precision that
    ///   this machine lacks; `inputMismatch` and `shapeMismatch` for ``SessionOptions/inputShapes`` that do not fit.
    public convenience init(contentsOf path: String, options: SessionOptions = SessionOptions()) throws(EdgeError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .unreadableModel(path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadableModel(path, reason: "it is not a file") }
        guard access(path, R_OK) == 0 else { throw .unreadableModel(path, reason: String(cString: strerror(errno))) }
        if let bytes = try RuntimeModel(contentsOf: path).bytes {
            try self.init(bytes: bytes, name: path, options: options)
            return
        }
        guard let content = try Self.expanded(path) else {
            try self.init(path: path, options: options) { $0.read_file(path, $1) }
            return
        }
        try self.init(path: path, options: options) { $0.read_bytes(content.bytes.baseAddress, content.byteCount, $1) }
    }

    /// What a gzipped file holds; `nil` for another file.
    private static func expanded(_ path: String) throws(EdgeError) -> TensorStorage? {
        do throws(GraphError) {
            let file = try MappedFile.open(path)
            let content = try Gzip.content(of: file, at: path, limit: largestExpandedModel)
            return content === file ? nil : content
        } catch {
            throw .unreadableModel(error)
        }
    }

    /// Opens a model that is in memory. Its name stands for the path in errors.
    ///
    /// - Throws: as ``init(contentsOf:options:)`` does.
    public convenience init(_ graph: Graph, options: SessionOptions = SessionOptions()) throws(EdgeError) {
        try self.init(bytes: try RuntimeModel.bytes(of: graph), name: graph.name, options: options)
    }

    /// Opens the bytes of a file.
    ///
    /// - Parameter name: Stands for the path in errors.
    convenience init(
        bytes: [UInt8], name: String, options: SessionOptions = SessionOptions()
    ) throws(EdgeError) {
        try self.init(path: name, options: options) { $0.read_bytes(bytes, bytes.count, $1) }
    }

    private init(
        path: String, options: SessionOptions,
        read: (OpenVINO.Functions, OpenVINO.Status) -> OpaquePointer?
    ) throws(EdgeError) {
        let functions = try OpenVINO.functions()
        try options.validate()
        let model = try OpenVINO.call({ read(functions, $0) }) { reason in
            reason.contains("Unable to read the model")
                ? .damagedModel(path, reason: "OpenVINO knows no such format")
                : .unsupportedModel(path, reason: reason)
        }
        do throws(EdgeError) {
            let ports = try Self.ports(of: model, COPENVINO_INPUT, path: path, functions: functions)
            inputs = try Self.fixing(ports, by: options, path: path)
            outputs = try Self.ports(of: model, COPENVINO_OUTPUT, path: path, functions: functions)
        } catch {
            functions.close_model(model)
            throw error
        }
        self.path = path
        self.options = options
        self.functions = functions
        self.model = model

        let shapes = inputs.compactMap(\.shape)
        if shapes.count == inputs.count {
            _ = try compiled(for: shapes)
            functions.close_model(model)
            self.model = nil
        }
    }

    deinit { functions.close_model(model) }

    // MARK: Running

    /// Runs the model once.
    ///
    /// The inputs' memory is read in place, without a copy.
    ///
    /// - Parameter inputs: One tensor per input of the model, in the order of ``inputs``.
    /// - Returns: One tensor per output, in the order of ``outputs``.
    /// - Throws: `inputMismatch`, `shapeMismatch` or `dtypeMismatch`, naming what is expected and what was given;
    ///   `inferenceFailed`.
    public func run(_ inputs: [TensorData]) throws(EdgeError) -> [TensorData] {
        try variant(for: inputs).request.run(inputs)
    }

    /// Runs the model once and shows the outputs where the runtime keeps them, without a copy.
    ///
    /// - Parameter body: Given one tensor per output, in the order of ``outputs``. They must not be kept: the next run
    ///   overwrites them.
    /// - Throws: as ``run(_:)-([TensorData])`` does, and what `body` throws.
    public func run(_ inputs: [TensorData], showing body: ([TensorData]) throws -> Void) throws {
        try variant(for: inputs).request.run(inputs, showing: body)
    }

    /// Runs the model once, with inputs and outputs by name.
    public func run(_ inputs: [String: TensorData]) throws(EdgeError) -> [String: TensorData] {
        let results = try run(try ordered(inputs))
        return Dictionary(zip(outputs.map(\.name), results)) { first, _ in first }
    }

    /// Compiles the model for inputs of these shapes, so that the first run does not have to.
    public func prepare(for shapes: [Shape]) throws(EdgeError) {
        _ = try compiled(for: shapes)
    }

    /// What each layer took in the last run, in the order of execution.
    ///
    /// - Returns: Nothing before the first run, or without ``SessionOptions/recordsLayerTimes``.
    public func layerTimes() throws(EdgeError) -> [LayerTime] {
        guard options.recordsLayerTimes, let last = variants.last else { return [] }
        return try last.request.layerTimes()
    }

    // MARK: Variants

    /// The compiled model that takes `inputs`.
    func variant(for inputs: [TensorData]) throws(EdgeError) -> CompiledModel {
        guard inputs.count == self.inputs.count else {
            throw .wrongInputCount(inputs.count, expected: self.inputs.map(\.name), path: path)
        }
        for (input, port) in zip(inputs, self.inputs) where input.dtype != port.dtype {
            throw .wrongDType(input.dtype, port: port, path: path)
        }
        return try compiled(for: inputs.map(\.shape))
    }

    private func compiled(for shapes: [Shape]) throws(EdgeError) -> CompiledModel {
        if let last = variants.last, last.inputShapes == shapes { return last }
        if let index = variants.firstIndex(where: { $0.inputShapes == shapes }) {
            variants.append(variants.remove(at: index))
            return variants[variants.count - 1]
        }
        guard shapes.count == inputs.count else {
            throw .wrongInputCount(shapes.count, expected: inputs.map(\.name), path: path)
        }
        for (shape, port) in zip(shapes, inputs) where !port.accepts(shape) {
            throw .wrongShape(shape, port: port, path: path)
        }
        // A model of fixed shapes has its one variant, so only one with free dimensions gets here without a model.
        guard let model else { preconditionFailure("\(path) has no variant for \(shapes)") }
        var converted = shapes.map { copenvino_shape($0) }
        try OpenVINO.call({ functions.reshape(model, &converted, converted.count, $0) }) { reason in
            .unsupportedShapes(path, shapes: shapes.map(\.description), reason: reason)
        }
        if variants.count == Self.keptVariants { variants.removeFirst() }
        variants.append(
            try CompiledModel(
                model: model, inputShapes: shapes, outputNames: outputs.map(\.name), options: options, path: path,
                functions: functions))
        return variants[variants.count - 1]
    }

    // MARK: Ports

    private func ordered(_ inputs: [String: TensorData]) throws(EdgeError) -> [TensorData] {
        var ordered: [TensorData] = []
        for port in self.inputs {
            guard let input = inputs[port.name] else {
                if let stranger = inputs.keys.sorted().first(where: { !self.inputs.map(\.name).contains($0) }) {
                    throw .unknownInput(stranger, known: self.inputs.map(\.name), path: path)
                }
                throw .missingInput(port.name, given: inputs.keys.sorted(), path: path)
            }
            ordered.append(input)
        }
        if let stranger = inputs.keys.sorted().first(where: { !self.inputs.map(\.name).contains($0) }) {
            throw .unknownInput(stranger, known: self.inputs.map(\.name), path: path)
        }
        return ordered
    }

    private static func ports(
        of model: OpaquePointer, _ direction: copenvino_direction, path: String, functions: OpenVINO.Functions
    ) throws(EdgeError) -> [TensorPort] {
        var ports: [TensorPort] = []
        for index in 0..<functions.port_count(model, direction) {
            var port = copenvino_port()
            try OpenVINO.call({ functions.port(model, direction, index, &port, $0) }) {
                .unsupportedModel(path, reason: $0)
            }
            let name = String(cString: port.name)
            functions.free_string(port.name)
            guard let dtype = DType(port.dtype) else { throw .unknownOutputType(name, path: path) }
            ports.append(TensorPort(name: name, dtype: dtype, dimensions: port.shape.known))
        }
        return ports
    }

    private static func fixing(
        _ ports: [TensorPort], by options: SessionOptions, path: String
    ) throws(EdgeError) -> [TensorPort] {
        var ports = ports
        for (name, shape) in options.inputShapes.sorted(by: { $0.key < $1.key }) {
            guard let index = ports.firstIndex(where: { $0.name == name }) else {
                throw .unknownInput(name, known: ports.map(\.name), path: path)
            }
            guard ports[index].accepts(shape) else { throw .wrongShape(shape, port: ports[index], path: path) }
            ports[index].dimensions = shape.dimensions
        }
        if let batchSize = options.batchSize {
            for index in ports.indices where ports[index].dimensions?.first == .some(nil) {
                ports[index].dimensions?[0] = batchSize
            }
        }
        return ports
    }
}
