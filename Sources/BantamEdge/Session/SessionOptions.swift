public import BantamGraph
public import BantamModel

/// How a model is made ready to run.
public struct SessionOptions: Hashable, Sendable, Codable {
    /// What the runtime arranges its threads for.
    public enum Goal: String, Hashable, Sendable, Codable, CaseIterable {
        /// One run at a time, as fast as it can be.
        case latency
        /// Several runs at once, so that most images pass in a second.
        case throughput
    }

    public var device: String
    /// The threads that compute; `nil` leaves it to the runtime, which takes one per core.
    public var threads: Int?
    /// The runs that compute at once; `nil` leaves it to the runtime and ``goal``.
    public var streams: Int?
    /// Of floating-point layers: those that the file holds as INT8 stay INT8. `float32` unless asked otherwise; `bfloat16`
    /// only where the device computes in it.
    ///
    /// OpenVINO's own default is the fastest type of the hardware: bfloat16 on recent x86 servers, float32 on older
    /// ones. So the same file would give different accuracies on different machines. Bantam always names the type.
    public var precision: ArithmeticPrecision
    public var goal: Goal
    /// Whether ``InferenceSession/layerTimes()`` has something to tell. Costs some microseconds a layer.
    public var recordsLayerTimes: Bool
    /// Fixed shapes for some inputs, by name.
    ///
    /// A model all of whose inputs have a fixed shape, by its file or by this and ``batchSize``, is compiled at once,
    /// and the file's own copy of the weights is released: the way a device runs it, and the way memory is measured.
    public var inputShapes: [String: Shape]
    /// Fixes the first dimension of every input that leaves it free.
    public var batchSize: Int?

    public init(
        device: String = "CPU", threads: Int? = nil, streams: Int? = nil, precision: ArithmeticPrecision = .float32,
        goal: Goal = .latency, recordsLayerTimes: Bool = false, inputShapes: [String: Shape] = [:],
        batchSize: Int? = nil
    ) {
        self.device = device
        self.threads = threads
        self.streams = streams
        self.precision = precision
        self.goal = goal
        self.recordsLayerTimes = recordsLayerTimes
        self.inputShapes = inputShapes
        self.batchSize = batchSize
    }

    func validate() throws(EdgeError) {
        if let threads, threads < 1 { throw .invalidOption("threads", threads) }
        if let streams, streams < 1 { throw .invalidOption("streams", streams) }
        if let batchSize, batchSize < 1 { throw .invalidOption("batchSize", batchSize) }
        guard precision == .bfloat16 else { return }
        // Where the device lacks it OpenVINO computes in float32 without a word.
        let capabilities = try EdgeRuntime.capabilities(of: device)
        guard capabilities.contains("BF16") else {
            throw .unsupportedPrecision(
                precision, device: device, capabilities: capabilities.joined(separator: ", "))
        }
    }

    /// OpenVINO's names for these options.
    var properties: [(key: String, value: String)] {
        var properties = [
            ("INFERENCE_PRECISION_HINT", precision == .float32 ? "f32" : "bf16"),
            ("PERFORMANCE_HINT", goal == .latency ? "LATENCY" : "THROUGHPUT"),
        ]
        if let threads { properties.append(("INFERENCE_NUM_THREADS", String(threads))) }
        if let streams { properties.append(("NUM_STREAMS", String(streams))) }
        if recordsLayerTimes { properties.append(("PERF_COUNT", "YES")) }
        return properties.map { (key: $0.0, value: $0.1) }
    }
}
