public import BantamGraph
public import BantamModel
package import BantamNetwork
public import BantamTensor

/// A frozen model whose answers a student learns.
public protocol Teacher {
    /// Logits of shape `[N, classes]`, one row for each sample of the batch.
    func answers(to batch: TrainingBatch) throws -> Tensor
}

extension TeacherLogits: Teacher {
    /// What was stored for the batch's samples, whatever became of them since.
    public func answers(to batch: TrainingBatch) throws -> Tensor {
        try rows(batch.indices).moved(to: batch.inputs.device)
    }
}

/// A teacher that is asked about each batch as the student sees it, augmented and all.
///
/// It costs a forward pass a step, where stored answers cost nothing; and it must take the student's input.
/// Beyer et al., *Knowledge Distillation: A Good Teacher Is Patient and Consistent*, CVPR 2022.
public struct LiveTeacher: Teacher {
    private let network: Network
    private let precision: TrainingConfiguration.Precision
    /// What the first output means.
    public let task: TaskDescription

    /// - Throws: `invalidGraph` and what binding a network throws.
    public init(
        _ graph: Graph, device: Device = .cpu, precision: TrainingConfiguration.Precision = .float32
    ) throws {
        // It learns nothing more, and normalization is a third of its time.
        let prepared = try graph.preparedForInference()
        task = try TaskDescription(of: prepared)
        network = try Network(prepared, device: device)
        self.precision = precision
    }

    package var device: Device { network.device }

    /// Logits; of a model that is no classifier the first output as it is.
    public func answers(to batch: TrainingBatch) throws -> Tensor {
        let output = try run(on: batch).outputs[0]
        return task == .unspecified ? output : try task.logits(of: output)
    }

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
            result.outputs = try result.outputs.map {
                $0.dtype.isFloatingPoint ? try $0.converted(to: .float32) : $0
            }
            return result
        }
    }

    /// Whether a value of the model is computed, too, by what it is run as.
    package func computes(_ value: ValueID) -> Bool { network.graph.producer(of: value) != nil }
}
