public import BantamGraph
import BantamModel
import BantamNetwork
public import BantamTensor

/// Fits the classifier of a trained network that answers at chance to the features that its other layers compute.
///
/// That is how a network begins that was trained for other classes. Trained as a whole, the large errors of the first steps
/// would go back through layers that know better. Fitted by itself first, on features that are computed once, the
/// classifier costs little more than one pass over the samples; EfficientNet-Lite0 on 900 photographs of ten classes is then
/// right about 96 % before any other layer has changed.
///
/// - Reference: Kumar et al., *Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution*, ICLR 2022.
public struct ClassifierFit {
    /// What it came to.
    public struct Record: Codable, Hashable, Sendable {
        /// Training samples.
        public var samples: Int
        /// On held-out samples, 0...1.
        public var accuracyBefore: Double
        public var accuracyAfter: Double
        /// How many they are.
        public var heldOut: Int

        /// A clause for people.
        public var note: String {
            func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
            return
                "the classifier answered at chance and was fitted first, to the features of the other layers: "
                + "accuracy \(percent(accuracyBefore)) before and \(percent(accuracyAfter)) after, on \(heldOut) held-out samples"
        }
    }

    private let objective: CrossEntropy
    private let classes: Int
    private let device: Device
    private let configuration: TrainingConfiguration

    private static let steps = 1200
    private static let epochs = 5...40
    private static let batchSize = 32
    private static let rate = 1e-3
    /// Training samples by whose answers it is told whether the classifier knows anything.
    private static let askedSamples = 256
    /// More samples than a classifier of some classes needs.
    private static let fewestSamples = 4096
    private static let samplesPerClass = 32

    /// - Parameter configuration: Of the training that comes after.
    /// - Returns: `nil` for a model that gives no scores of several classes.
    public init?(_ objective: CrossEntropy, device: Device, _ configuration: TrainingConfiguration) {
        guard let classes = objective.task?.classCount else { return nil }
        self.objective = objective
        self.classes = classes
        self.device = device
        self.configuration = configuration
    }

    /// - Parameter heldOut: Judges the classifier before and after.
    /// - Returns: The graph with another classifier; `nil` where the present one knows something, where the other layers
    ///   have learned nothing or nothing is known of them, or where nothing was gained.
    /// - Throws: Errors of the data and of libtorch.
    public func fitted(
        _ graph: Graph, to training: TrainingData, heldOut: TrainingData
    ) throws -> (graph: Graph, record: Record)? {
        guard graph.hasLearnedNormalization, let features = graph.features else { return nil }
        let network = try Network(graph, device: device)
        let batchSize = graph.fixedBatchSize ?? Self.batchSize
        func stored(_ data: TrainingData, seed: UInt64? = nil) throws -> StoredFeatures {
            try StoredFeatures(
                of: features, in: network, on: try data.batches(size: configuration.batchSize), batchSize: batchSize,
                seed: seed)
        }
        let seed = configuration.seed
        let asked = try stored(training.sample(Self.askedSamples, seed: seed))
        let batch = graph.inputs.first?.dimensions.first ?? "N"
        let sizes = asked.shape.dimensions.dropFirst().map { InputDimension.fixed($0) }
        guard asked.count == min(training.count, Self.askedSamples),
            let part = graph.part(behind: features, .float32, [batch] + sizes)
        else { return nil }
        let chosen = training.sample(max(Self.fewestSamples, Self.samplesPerClass * classes), seed: seed)
        let trainer = Trainer(
            try Network(part, device: device), objective: objective,
            configuration: ownConfiguration(batchSize: batchSize, samples: chosen.count), task: objective.task)
        guard let known = try trainer.evaluate(on: asked).accuracy, isChance(known, of: asked.count) else { return nil }
        let judges = try stored(heldOut)
        let before = try trainer.evaluate(on: judges).accuracy ?? 0
        _ = try trainer.fit(to: try stored(chosen, seed: seed), validation: judges)
        let after = try trainer.evaluate(on: judges).accuracy ?? 0
        guard after > max(before, 1 / Double(classes)) else { return nil }
        let record = Record(
            samples: chosen.count, accuracyBefore: before, accuracyAfter: after, heldOut: judges.count)
        return (graph.takingWeights(of: try trainer.network.snapshot()), record)
    }

    private func ownConfiguration(batchSize: Int, samples: Int) -> TrainingConfiguration {
        let epochs = Self.steps * batchSize / max(samples, 1)
        return TrainingConfiguration(
            epochs: min(max(epochs, Self.epochs.lowerBound), Self.epochs.upperBound), batchSize: batchSize,
            optimizer: .adamW(), schedule: LearningRateSchedule(peak: Self.rate, decay: .cosine(floor: 0)),
            gradientClipping: configuration.gradientClipping, seed: configuration.seed)
    }

    /// Whether so many right answers come by guessing in more than one of a thousand cases.
    private func isChance(_ accuracy: Double, of count: Int) -> Bool {
        let chance = 1 / Double(classes)
        return accuracy <= chance + 3 * (chance * (1 - chance) / Double(count)).squareRoot()
    }
}
