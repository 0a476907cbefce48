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
