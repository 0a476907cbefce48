public import BantamTraining

/// Pruning in one round or several, with or without training behind each: what matters has time to take over from what
/// went.
public struct GradualPruning: Codable, Hashable, Sendable {
    /// How much of the way to the target each round goes.
    public enum Schedule: String, Codable, Hashable, Sendable, CaseIterable {
        /// The same amount each round.
        case linear
        /// Much at first, when there is much to spare: what is left falls with the cube of the rounds to go.
        ///
        /// Zhu and Gupta, *To Prune, or Not to Prune*, ICLR workshop 2018.
        case cubic
    }

    /// What goes.
    public enum Method: Codable, Hashable, Sendable {
        /// Whole channels. The rounds approach the target.
        case channels(StructuredPruning.Configuration)
        /// Single weights, which stay zero from then on. The rounds approach the sparsity.
        case weights(UnstructuredPruning.Configuration)

        // The names that people read and write in JSON.
        package enum ChannelsCodingKeys: String, CodingKey { case _0 = "pruning" }
        package enum WeightsCodingKeys: String, CodingKey { case _0 = "pruning" }
    }

    public var method: Method
    public var rounds: Int
    public var schedule: Schedule
    /// What drives channels towards zero before the first round; `nil` for nothing. Single weights need none.
    public var sparseLearning: SparseLearning?
    /// Samples on which the layers that read removed channels are fitted to what they did before: ``Reconstruction``.
    /// 0 for none. Nothing is fitted where there are no data.
    public var reconstructionSamples: Int
    /// Samples on which BatchNorm's statistics are measured anew after each round; 0 for none. Layers that were fitted to
    /// what they did before have the statistics that they had, and are left as they are.
    public var recalibrationSamples: Int
    /// After each round; its epochs are shared out between them. `nil` where there is no data.
    public var training: TrainingConfiguration?
    /// How the unpruned model teaches the pruned one; `nil` for labels alone.
    public var distillation: DistillationConfiguration?
    /// What the mean share of the unpruned model's features that is wrong is multiplied by in the loss, beside its
    /// answers; 0 for not at all.
    public var featureWeight: Double

    public init(
        _ method: Method, rounds: Int = 1, schedule: Schedule = .cubic, sparseLearning: SparseLearning? = nil,
        reconstructionSamples: Int = 256, recalibrationSamples: Int = 2048, training: TrainingConfiguration? = nil,
        distillation: DistillationConfiguration? = nil, featureWeight: Double = 0
    ) {
        self.method = method
        self.rounds = rounds
        self.schedule = schedule
        self.sparseLearning = sparseLearning
        self.reconstructionSamples = reconstructionSamples
        self.recalibrationSamples = recalibrationSamples
        self.training = training
        self.distillation = distillation
        self.featureWeight = featureWeight
    }

    /// Whether layers are fitted to what they did before: single weights are not.
    package var reconstructs: Bool {
        if case .weights = method { return false }
        return reconstructionSamples > 0
    }

    /// The amount to come to in each round.
    ///
    /// - Parameters:
    ///   - start: What the model has.
    ///   - end: What it may have in the end.
    package func amounts(from start: Double, to end: Double) -> [Double] {
        (1...max(rounds, 1)).map { round in
            let left = Double(rounds - round) / Double(rounds)
            let share = schedule == .linear ? left : left * left * left
            return end + (start - end) * share
        }
    }

    /// The epochs of each round: the last, which has no other behind it, gets twice as many.
    package func epochs(of total: Int) -> [Int] {
        let share = max(total / (rounds + 1), 1)
        let before = min(share * (rounds - 1), max(total - 1, 0))
        return (1...max(rounds, 1)).map { $0 < rounds ? before / max(rounds - 1, 1) : max(total - before, 1) }
    }
}
