public import BantamNetwork
public import BantamTensor

/// How a student learns from a teacher.
public struct DistillationConfiguration: Codable, Hashable, Sendable {
    public enum Loss: String, Codable, Hashable, Sendable, CaseIterable {
        case temperatureKL
    }

    public var loss: Loss
    /// The share of the teacher in the loss, 0...1; the rest is cross-entropy with the labels.
    public var alpha: Double
    /// Softens both distributions; 1 leaves them as they are.
    public var temperature: Double

    public init(loss: Loss = .temperatureKL, alpha: Double = 0.7, temperature: Double = 4) {
        self.loss = loss
        self.alpha = alpha
        self.temperature = temperature
    }

    /// The loss this names.
    public var distance: any DistillationLoss {
        switch loss {
        case .temperatureKL: TemperatureKL(temperature: temperature)
        }
    }
}

/// `alpha * distance(student, teacher) + (1 - alpha) * crossEntropy(student, labels)`.
public struct Distillation: Objective {
    public let configuration: DistillationConfiguration
    public let teacher: any Teacher
    private let distance: any DistillationLoss
    private let hardLoss: CrossEntropy

    public init(_ configuration: DistillationConfiguration, teacher: any Teacher, labelSmoothing: Double = 0) {
        self.configuration = configuration
        self.teacher = teacher
        distance = configuration.distance
        hardLoss = CrossEntropy(labelSmoothing: labelSmoothing)
    }

    public func loss(of result: Network.Result, on batch: TrainingBatch) throws -> Tensor {
        try loss(of: result, on: batch, answers: try teacher.answers(to: batch))
    }

    /// - Parameter answers: The teacher's to the batch.
    package func loss(of result: Network.Result, on batch: TrainingBatch, answers: Tensor) throws -> Tensor {
        let soft = try distance(student: result.outputs[0], teacher: answers, labels: batch.labels)
        // Samples without labels can still be learned from the teacher alone.
        guard configuration.alpha < 1 else { return soft }
        let hard = try hardLoss.loss(of: result, on: batch)
        return try soft.multiplied(by: configuration.alpha).adding(hard, scaledBy: 1 - configuration.alpha)
    }
}
