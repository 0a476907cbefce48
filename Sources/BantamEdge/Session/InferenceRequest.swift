import BantamGraph
import COpenVINO

/// The buffers of one run. Inputs are read where they are; outputs are copied out, unless they are only shown.
final class InferenceRequest {
    private let functions: OpenVINO.Functions
    private let handle: OpaquePointer
    private let outputNames: [String]
    private let path: String
    /// What a run reads, kept alive until it has ended. Holding a reference also keeps others from writing into it.
    private var inputs: [TensorData] = []

    init(
        compiled: OpaquePointer, outputNames: [String], path: String, functions: OpenVINO.Functions
    ) throws(EdgeError) {
        self.handle = try OpenVINO.call({ functions.open_request(compiled, $0) }) {
            .inferenceFailed(path, reason: $0)
        }
        self.functions = functions
        self.outputNames = outputNames
        self.path = path
    }

    deinit { functions.close_request(handle) }

    func run(_ inputs: [TensorData]) throws(EdgeError) -> [TensorData] {
        try infer(inputs)
        return try outputs()
    }

    /// Runs the model and shows the outputs where the runtime keeps them, valid until the next run.
    func run(_ inputs: [TensorData], showing body: ([TensorData]) throws -> Void) throws {
        try infer(inputs)
        try show(body)
    }

    /// Shows the outputs of a run that has ended.
    func show(_ body: ([TensorData]) throws -> Void) throws {
        // Who keeps a tensor keeps the request, whose memory it shows.
        nonisolated(unsafe) let request = self
        try body(try views().map { TensorData($0, storage: TensorStorage($1, release: { _ = request })) })
    }

    private func infer(_ inputs: [TensorData]) throws(EdgeError) {
        try bind(inputs)
        // Released, so that a caller who refills the same tensor does not pay for a copy.
        defer { self.inputs = [] }
        try OpenVINO.call({ functions.infer(handle, $0) }, orThrow: failure)
    }

    /// Gives the next runs their inputs.
    func bind(_ inputs: [TensorData]) throws(EdgeError) {
        self.inputs = inputs.map(\.aligned)
        for (index, input) in self.inputs.enumerated() {
            // The bytes stay where they are as long as `self.inputs` holds them.
            try input.withUnsafeBytes { bytes throws(EdgeError) in
                var tensor = copenvino_tensor(
                    dtype: input.dtype.openVINO, shape: copenvino_shape(input.shape), data: bytes.baseAddress,
                    byte_count: bytes.count)
                try OpenVINO.call({ functions.set_input(handle, index, &tensor, $0) }, orThrow: failure)
            }
        }
    }

    /// Starts a run on the inputs that were bound; `wait` ends it.
    func start() throws(EdgeError) {
        try OpenVINO.call({ functions.start(handle, $0) }, orThrow: failure)
    }

    func wait() throws(EdgeError) {
        try OpenVINO.call({ functions.wait(handle, $0) }, orThrow: failure)
    }

    func outputs() throws(EdgeError) -> [TensorData] {
        try views().map { TensorData($0, storage: TensorStorage(copying: $1)) }
    }

    private func views() throws(EdgeError) -> [(type: TensorType, bytes: UnsafeRawBufferPointer)] {
        var views: [(TensorType, UnsafeRawBufferPointer)] = []
        views.reserveCapacity(outputNames.count)
        for index in outputNames.indices {
            var tensor = copenvino_tensor()
            try OpenVINO.call({ functions.output(handle, index, &tensor, $0) }, orThrow: failure)
            guard let dtype = DType(tensor.dtype) else {
                throw .unknownOutputType(outputNames[index], path: path)
            }
            let dimensions = (tensor.shape.known ?? []).map { $0 ?? 0 }
            views.append(
                (
                    TensorType(dtype, Shape(dimensions)),
                    UnsafeRawBufferPointer(start: tensor.data, count: tensor.byte_count)
                ))
        }
        return views
    }

    func layerTimes() throws(EdgeError) -> [LayerTime] {
        var layers: UnsafeMutablePointer<copenvino_layer>?
        var count = 0
        try OpenVINO.call({ functions.layers(handle, &layers, &count, $0) }, orThrow: failure)
        defer { functions.free_layers(layers, count) }
        return UnsafeBufferPointer(start: layers, count: count).filter(\.executed).map(LayerTime.init)
    }

    private func failure(_ reason: String) -> EdgeError {
        .inferenceFailed(path, reason: reason)
    }
}

extension TensorData {
    /// The same tensor, copied when it lies at an address that its elements may not have, as a mapped file's can.
    fileprivate var aligned: TensorData {
        let alignment = max(dtype.bitWidth / 8, 1)
        return withUnsafeBytes { bytes in
            Int(bitPattern: bytes.baseAddress).isMultiple(of: alignment)
                ? self : TensorData(type, storage: TensorStorage(copying: bytes))
        }
    }
}
