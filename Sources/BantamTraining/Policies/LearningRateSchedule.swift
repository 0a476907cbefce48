/// The learning rate as a function of training progress.
///
/// A pure value: it is asked for the rate of a step and changes nothing.
public struct LearningRateSchedule: Codable, Hashable, Sendable {
    public enum Decay: Codable, Hashable, Sendable {
        case constant
        /// Half a cosine from the peak to `floor` times the peak. Loshchilov and Hutter, *SGDR*, ICLR 2017.
        case cosine(floor: Double)
        /// Multiplied by `factor` at each of `milestones`, given as fractions of the training in 0...1.
        case step(milestones: [Double], factor: Double)
    }

    /// The rate after warm-up.
    public var peak: Double
    public var decay: Decay
    /// The fraction of the training, in 0...1, during which the rate rises linearly to ``peak``.
    /// Goyal et al., *Accurate, Large Minibatch SGD*, 2017.
    public var warmup: Double

    public init(peak: Double, decay: Decay = .cosine(floor: 0), warmup: Double = 0) {
        self.peak = peak
        self.decay = decay
        self.warmup = warmup
    }

    /// The rate for a step.
    ///
    /// - Parameters:
    ///   - step: Counted from 0.
    ///   - total: The number of steps of the whole training.
    public func rate(step: Int, of total: Int) -> Double {
        let warmupSteps = (warmup * Double(total)).rounded()
        if Double(step) < warmupSteps { return peak * Double(step + 1) / (warmupSteps + 1) }
        let remaining = max(Double(total) - warmupSteps, 1)
        let progress = min((Double(step) - warmupSteps) / remaining, 1)
        switch decay {
        case .constant:
            return peak
        case .cosine(let floor):
            return peak * (floor + (1 - floor) * (1 + cosine(.pi * progress)) / 2)
        case .step(let milestones, let factor):
            let passed = milestones.count { Double(step) >= $0 * Double(total) }
            return (0..<passed).reduce(peak) { rate, _ in rate * factor }
        }
    }
}
