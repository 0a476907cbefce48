public import BantamGraph
public import BantamModel
public import BantamTensor

/// libtorch, which runs all that Bantam reads.
public struct TorchRuntime: Runtime {
    public var device: Device

    public init(device: Device = .cpu) {
        self.device = device
    }

    /// - Throws: `NetworkError`.
    public func load(_ graph: Graph, precision: ArithmeticPrecision) throws -> any Executable {
        NetworkExecutable(network: try Network(graph, device: device), precision: precision)
    }

    /// - Throws: `NetworkError`.
    public func observe(
        _ observations: [Observation], in graph: Graph, next: () throws -> TensorData?,
        show: (_ observation: Int, _ data: TensorData, _ samples: Int) throws -> Void
    ) throws {
        let network = try Network(graph, device: device)
        let dtype = graph.inputs.first?.dtype ?? .float32
        while let batch = try next() {
            try withoutGradients {
                let inputs = try Tensor(batch.fitting(dtype), device: device)
                let taps = try network.forward([inputs], taps: observations.map(\.value)).taps
                for (index, observation) in observations.enumerated() {
                    guard let data = try taps[observation.value]?.data() else { continue }
                    try show(index, observation.extent.shown(of: data), batch.shape.dimensions.first ?? 1)
                }
            }
        }
    }

    /// What the values of a batch may take.
    private static let memory = 256 << 20
    private static let largestBatch = 64

    /// As many samples as keep the values that are observed, and those in between, to 256 MB; at most 64.
    public func batchSize(for graph: Graph, observing observations: [Observation]) -> Int {
        Self.batchSize(for: graph, observing: observations.map(\.value))
    }

    /// The same within a number of bytes.
    package static func batchSize(for graph: Graph, observing values: [ValueID], within memory: Int = memory) -> Int {
        do throws(GraphError) {
            let types = try ShapeInference(of: graph)
            let observed = Set(values).reduce(0) { $0 + (types[$1]?.byteCount.bytes ?? 0) }
            let sample = observed + Liveness(of: graph, types: types).peak.bytes
            return min(max(memory / max(sample, 1), 1), largestBatch)
        } catch {
            return 1
        }
    }
}

/// A network that is only asked.
private struct NetworkExecutable: Executable {
    var network: Network
    var precision: ArithmeticPrecision

    func run(_ inputs: [TensorData]) throws -> [TensorData] {
        try withoutGradients {
            let tensors = try inputs.map { try Tensor($0, device: network.device) }
            let outputs =
                switch precision {
                case .float32: try network.forward(tensors).outputs
                case .bfloat16:
                    try withAutocast(.bfloat16, on: network.device.kind) { try network.forward(tensors).outputs }
                }
            return try outputs.map { try ($0.dtype == .bfloat16 ? try $0.converted(to: .float32) : $0).data() }
        }
    }
}
