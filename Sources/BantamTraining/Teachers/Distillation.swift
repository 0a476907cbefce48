public import BantamModel
public import BantamNetwork
public import BantamTensor

/// `alpha * distance(student, teacher) + (1 - alpha) * crossEntropy(student, labels)`.
public struct Distillation: Objective {
    public let configuration: DistillationConfiguration
    public let teacher: any Teacher
    private let distance: any DistillationLoss
    private let hardLoss: CrossEntropy

    public var divergence: DivergenceGuard { configuration.alpha < 1 ? DivergenceGuard() : .fromTeacherAlone }

    /// - Parameters:
    ///   - task: What the student's first output means; `nil` for logits, `[N, classes]`.
    ///   - classWeights: What the labels of each class count; `nil` for all alike.
    public init(
        _ configuration: DistillationConfiguration, teacher: any Teacher, labelSmoothing: Double = 0,
        task: TaskDescription? = nil, classWeights: Tensor? = nil
    ) {
        self.configuration = configuration
        self.teacher = teacher
        distance = configuration.distance
        hardLoss = CrossEntropy(labelSmoothing: labelSmoothing, task: task, classWeights: classWeights)
    }

    public func loss(of result: Network.Result, on batch: TrainingBatch) throws -> Tensor {
        try loss(of: result, on: batch, answers: try teacher.answers(to: batch))
    }

    /// - Parameter answers: The teacher's to the batch.
    package func loss(of result: Network.Result, on batch: TrainingBatch, answers: Tensor) throws -> Tensor {
        let student = try hardLoss.task?.logits(of: result.outputs[0]) ?? result.outputs[0]
        let soft = try distance(student: student, teacher: answers, labels: batch.labels)
        // Samples without labels can still be learned from the teacher alone.
        guard configuration.alpha < 1 else { return soft }
        let hard = try hardLoss.loss(of: result, on: batch)
        return try soft.multiplied(by: configuration.alpha).adding(hard, scaledBy: 1 - configuration.alpha)
    }
}
