public import BantamGraph
public import BantamMedia

/// A data set and the way its samples become a network's input.
public struct TrainingData: Sendable {
    public let dataset: any Dataset
    public let preprocessing: Preprocessing
    /// Where each sample lies in the data set that this is a part of; `nil` for a whole one.
    let positions: [Int]?

    public init(_ dataset: any Dataset, preprocessing: Preprocessing) {
        self.init(dataset, preprocessing: preprocessing, positions: nil)
    }

    private init(_ dataset: any Dataset, preprocessing: Preprocessing, positions: [Int]?) {
        self.dataset = dataset
        self.preprocessing = preprocessing
        self.positions = positions
    }

    public var count: Int { dataset.count }
    public var isLabelled: Bool { dataset.isLabelled }

    /// The samples in batches, as the data set lists them, to the last.
    public func batches(size: Int) throws(MediaError) -> DatasetBatches {
        DatasetBatches(
            try BatchLoader(dataset, preprocessing: preprocessing, batchSize: size), positions: positions)
    }

    /// The batches of a training: shuffled anew and augmented each epoch. What does not fill a batch is left for
    /// another epoch; fewer samples than one batch make a smaller one.
    public func batches(for configuration: TrainingConfiguration) throws(MediaError) -> DatasetBatches {
        let loader = try BatchLoader(
            dataset, preprocessing: preprocessing, batchSize: min(configuration.batchSize, count),
            augmentation: configuration.augmentation, views: configuration.views, shuffles: true, dropsLast: true,
            seed: configuration.seed)
        return DatasetBatches(loader, positions: positions)
    }

    /// A random choice of samples, the classes as evenly as they come; all of them when there are no more.
    public func sample(_ count: Int, seed: UInt64) -> TrainingData {
        part(dataset.limited(to: count, seed: seed))
    }

    /// Sets a share of the samples aside, to watch the training by.
    public func holdingOut(_ share: Double, seed: UInt64) -> (training: TrainingData, validation: TrainingData) {
        let split = dataset.holdingOut(share, seed: seed)
        return (part(split.kept), part(split.heldOut))
    }

    /// The label of each sample, as the data set lists them.
    public var labels: [Int] { (0..<count).map { dataset.label(at: $0) } }

    private func part(_ subset: DatasetSubset) -> TrainingData {
        let positions = positions.map { positions in subset.indices.map { positions[$0] } } ?? subset.indices
        return TrainingData(subset, preprocessing: preprocessing, positions: positions)
    }
}
