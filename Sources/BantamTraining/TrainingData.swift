public import BantamGraph
public import BantamMedia
import BantamTensor

/// A data set and the way its samples become a network's input.
public struct TrainingData: Sendable {
    public let dataset: any Dataset
    public let preprocessing: Preprocessing

    public init(_ dataset: any Dataset, preprocessing: Preprocessing) {
        self.dataset = dataset
        self.preprocessing = preprocessing
    }

    public var count: Int { dataset.count }

    /// The order in which batches are taken.
    public enum Order: Sendable {
        /// As the data set lists them, to the last sample.
        case stored
        /// Anew each epoch; what does not fill a batch is left for another epoch.
        case shuffled(seed: UInt64)
    }

    /// Goes through the samples in batches.
    public func batches(
        size: Int, order: Order = .stored, augmentation: [Augmentation] = []
    ) throws(MediaError) -> DatasetBatches {
        try DatasetBatches(self, size: size, order: order, augmentation: augmentation)
    }

    /// The batches of a training.
    public func batches(for configuration: TrainingConfiguration) throws(MediaError) -> DatasetBatches {
        try batches(
            size: configuration.batchSize, order: .shuffled(seed: configuration.seed),
            augmentation: configuration.augmentation)
    }

    /// A random choice of samples; all of them when there are no more.
    public func sample(_ count: Int, seed: UInt64) -> TrainingData {
        guard count < self.count else { return self }
        var generator = SeededGenerator(seed: seed)
        return subset(generator.permutation(count: self.count).prefix(count).sorted())
    }

    /// Sets the last tenth of each class aside to watch the training by.
    ///
    /// A block, not a sample here and there: neighbours in a folder are often alike.
    public func heldOut() -> (training: TrainingData, validation: TrainingData) {
        let (training, validation) = HeldOutSplit.indices(count: count) { dataset.label(at: $0) }
        return (subset(training), subset(validation))
    }

    private func subset(_ indices: [Int]) -> TrainingData {
        TrainingData(Subset(of: dataset, indices: indices), preprocessing: preprocessing)
    }
}
