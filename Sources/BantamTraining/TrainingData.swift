public import BantamGraph
public import BantamMedia

/// A data set and the way its samples become a network's input.
public struct TrainingData: Sendable {
    public let dataset: any Dataset
    public let preprocessing: Preprocessing
    /// How samples are set aside to judge a training by.
    public var holdOut = HoldOut()
    /// Labelled samples that the data set itself holds out, which judge in place of those set aside by ``holdOut``; `nil`
    /// where it has none.
    public var validation: (any Dataset)?
    /// The group of each sample, which is held out as a whole or not at all; `nil` without groups.
    public var groups: [String?]?
    /// What loading shows of files that can be used in part, such as videos that end early.
    public let notes: MediaNotes
    /// Where each sample lies in the data set that this is a part of; `nil` for a whole one.
    let positions: [Int]?

    public init(_ dataset: any Dataset, preprocessing: Preprocessing) {
        self.init(dataset, preprocessing: preprocessing, positions: nil, notes: MediaNotes())
    }

    private init(_ dataset: any Dataset, preprocessing: Preprocessing, positions: [Int]?, notes: MediaNotes) {
        self.dataset = dataset
        self.preprocessing = preprocessing
        self.positions = positions
        self.notes = notes
    }

    /// The same samples, which become another input.
    public func prepared(by preprocessing: Preprocessing) -> TrainingData {
        var other = TrainingData(dataset, preprocessing: preprocessing, positions: positions, notes: notes)
        (other.holdOut, other.groups, other.validation) = (holdOut, groups, validation)
        return other
    }

    public var count: Int { dataset.count }
    public var isLabelled: Bool { dataset.isLabelled }

    /// The samples in batches, as the data set lists them, to the last.
    public func batches(size: Int) throws(MediaError) -> DatasetBatches {
        DatasetBatches(
            try BatchLoader(dataset, preprocessing: preprocessing, batchSize: size, notes: notes), positions: positions)
    }

    /// The batches of a training: shuffled anew and augmented each epoch. What does not fill a batch is left for
    /// another epoch; fewer samples than one batch make a smaller one.
    public func batches(for configuration: TrainingConfiguration) throws(MediaError) -> DatasetBatches {
        let loader = try BatchLoader(
            dataset, preprocessing: preprocessing, batchSize: min(configuration.batchSize, count),
            augmentation: configuration.augmentation, views: configuration.views, shuffles: true,
            balancesClasses: configuration.balance == .sampling, dropsLast: true, seed: configuration.seed, notes: notes
        )
        return DatasetBatches(loader, positions: positions)
    }

    /// A random choice of samples as they are, in random order and batches of one size: for statistics, which a smaller
    /// batch would blur, and one of a single class would narrow.
    ///
    /// - Parameters:
    ///   - limit: Samples at most.
    ///   - size: Samples of a batch; fewer where there are not as many.
    public func fullBatches(of limit: Int, size: Int, seed: UInt64) throws(MediaError) -> DatasetBatches {
        let size = max(min(size, limit, count), 1)
        let samples = sample(min(limit, count) / size * size, seed: seed)
        var order = Array(0..<samples.count)
        var random = SeededGenerator(seed: seed).stream("order of statistics")
        random.shuffle(&order)
        return try samples.part(DatasetSubset(samples.dataset, indices: order)).batches(size: size)
    }

    /// A random choice of samples, the classes as evenly as they come; all of them when there are no more.
    public func sample(_ count: Int, seed: UInt64) -> TrainingData {
        part(dataset.limited(to: count, seed: seed))
    }

    /// What a model is fitted to, and what judges it: ``validation``, or else samples that are set aside by ``holdOut``,
    /// of each class at least one.
    ///
    /// - Returns: No held-out samples where there are fewer than 10: one judges nothing.
    public func settingAside() -> (training: TrainingData, heldOut: TrainingData?) {
        if let validation, validation.isLabelled, isLabelled {
            return (self, TrainingData(validation, preprocessing: preprocessing, positions: nil, notes: notes))
        }
        guard count >= Self.fewestToDivide, holdOut.share > 0 else { return (self, nil) }
        let parts = holdOut.divide(labels: labels, groups: groups)
        guard !parts.heldOut.isEmpty else { return (self, nil) }
        return (
            part(DatasetSubset(dataset, indices: parts.kept)), part(DatasetSubset(dataset, indices: parts.heldOut))
        )
    }

    private static let fewestToDivide = 10

    /// The samples that judge a model, and whether a training leaves them alone: where those that are held out are a handful
    /// and have no labels, all. What a handful says is chance, and a model's answers to samples that were trained on cannot
    /// be learned by heart as labels can.
    public func judges() -> (samples: TrainingData, areHeldOut: Bool) {
        guard let heldOut = settingAside().heldOut else { return (self, false) }
        return heldOut.isLabelled || heldOut.count >= Self.fewestJudges ? (heldOut, true) : (self, false)
    }

    private static let fewestJudges = 8

    /// Sets a share of the samples aside, to watch the training by.
    public func holdingOut(_ share: Double, seed: UInt64) -> (training: TrainingData, validation: TrainingData) {
        let split = dataset.holdingOut(share, seed: seed)
        return (part(split.kept), part(split.heldOut))
    }

    /// The label of each sample, as the data set lists them.
    public var labels: [Int] { dataset.labels }

    private func part(_ subset: DatasetSubset) -> TrainingData {
        let positions = positions.map { positions in subset.indices.map { positions[$0] } } ?? subset.indices
        var part = TrainingData(subset, preprocessing: preprocessing, positions: positions, notes: notes)
        part.groups = groups.map { groups in subset.indices.map { groups[$0] } }
        part.holdOut = holdOut
        part.validation = validation
        return part
    }
}
