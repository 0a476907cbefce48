public import BantamGraph
public import BantamModel
package import BantamNetwork
public import BantamTensor

/// A teacher that is asked about each batch as the student sees it, augmented and all.
///
/// It costs a forward pass a step, where stored answers cost nothing; and it must take the student's input.
/// Beyer et al., *Knowledge Distillation: A Good Teacher Is Patient and Consistent*, CVPR 2022.
public protocol LiveTeacher: Teacher {
    /// What the first output means.
    var task: TaskDescription { get }
    /// Where its batches are to lie.
    var device: Device { get }

    /// All outputs for a batch, floating-point ones in float32.
    func outputs(for batch: TrainingBatch) throws -> [Tensor]
}

extension LiveTeacher {
    /// Logits; of a model that is no classifier the first output as it is.
    public func answers(to batch: TrainingBatch) throws -> Tensor {
        let output = try outputs(for: batch)[0]
        return task == .unspecified ? output : try task.logits(of: output)
    }
}

/// A teacher that a runtime runs: forward passes alone are several times as fast there as in libtorch.
public struct RuntimeTeacher: LiveTeacher {
    private let executable: any Executable
    /// As many samples as it insists on; `nil` for any.
    private let batchSize: Int?
    private let inputType: DType
    public let task: TaskDescription
    public var device: Device { .cpu }

    /// - Throws: `invalidGraph`; what the runtime throws where it does not take the model.
    public init(
        _ graph: Graph, runtime: any Runtime, precision: ArithmeticPrecision = .float32
    ) throws {
        let prepared = try graph.preparedForInference()
        task = try TaskDescription(of: prepared)
        executable = try runtime.load(prepared, precision: precision)
        batchSize = prepared.fixedBatchSize
        inputType = prepared.inputs.first?.dtype ?? .float32
    }

    public func outputs(for batch: TrainingBatch) throws -> [Tensor] {
        try Network.inPieces(of: batchSize, batch.inputs) { inputs in
            Network.Result(
                outputs: try executable.run([try inputs.data().fitting(inputType)]).map { try Tensor($0).widened() },
                taps: [:])
        }.outputs
    }
}

/// A teacher that libtorch runs, which shows what the model computes on the way, too.
public struct NetworkTeacher: LiveTeacher {
    private let network: Network
    private let precision: ArithmeticPrecision
    public let task: TaskDescription
    public var device: Device { network.device }

    /// - Throws: `invalidGraph` and what binding a network throws.
    public init(
        _ graph: Graph, device: Device = .cpu, precision: ArithmeticPrecision = .float32
    ) throws {
        // It learns nothing more, and normalization is a third of its time.
        let prepared = try graph.preparedForInference()
        task = try TaskDescription(of: prepared)
        network = try Network(prepared, device: device)
        self.precision = precision
    }

    public func outputs(for batch: TrainingBatch) throws -> [Tensor] { try run(on: batch).outputs }

    /// - Parameter taps: Values of the model that it ``computes(_:)``.
    /// - Returns: Floating-point outputs in float32, and the values in what precision they have.
    package func run(on batch: TrainingBatch, taps: [ValueID] = []) throws -> Network.Result {
        try withoutGradients {
            var result =
                switch precision {
                case .float32: try network.forward(anyBatch: batch.inputs, taps: taps)
                case .bfloat16:
                    try withAutocast(.bfloat16, on: network.device.kind) {
                        try network.forward(anyBatch: batch.inputs, taps: taps)
                    }
                }
            result.outputs = try result.outputs.map { try $0.widened() }
            return result
        }
    }

    /// Whether a value of the model is computed, too, by what it is run as.
    package func computes(_ value: ValueID) -> Bool { network.graph.producer(of: value) != nil }
}

extension Tensor {
    fileprivate func widened() throws(TorchError) -> Tensor {
        dtype.isFloatingPoint ? try converted(to: .float32) : self
    }
}
