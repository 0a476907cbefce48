public import BantamGraph

/// Samples put together for one step.
public struct Batch: Sendable {
    /// float32 or uint8, `[N, C, H, W]` or `[N, C, T, H, W]`; `[N, H, W, C]` or `[N, T, H, W, C]` with
    /// ``Preprocessing/Layout/channelsLast``.
    public var inputs: TensorData
    /// int64 `[N]`; each ``Sample/noLabel`` where the data has none.
    public var labels: TensorData
    /// What else the samples show; `nil` without ``Augmentation/cutMix(probability:)``.
    public var mixture: LabelMixture?
    /// Each sample's place in the data set.
    public var indices: [Int]
    public var epoch: Int
    /// Which of its augmented views each sample is seen in: the same inputs have the same number.
    public var view: Int
    /// The batch's place in its epoch.
    public var number: Int

    public var count: Int { indices.count }
}

/// The classes that parts of samples show, when these are mixed from two.
public struct LabelMixture: Sendable {
    /// The other samples' labels, int64 `[N]`.
    public var labels: TensorData
    /// What share of each input is the other sample's, float32 `[N]` in 0...1; 0 where a sample is not mixed.
    public var shares: TensorData
}

/// Makes the batches of each epoch, ahead of their use, on threads of its own.
///
/// ```swift
/// let loader = try BatchLoader(data, preprocessing: .fashionMNIST, batchSize: 128, shuffles: true, seed: 1)
/// for epoch in 0..<10 {
///     let batches = loader.batches(epoch: epoch)
///     while let batch = try batches.next() { ... }
/// }
/// ```
///
/// The order and the augmentation follow from seed, epoch and sample alone. An interrupted run goes on with
/// ``batches(epoch:startingAt:)`` and sees what it would have seen.
public struct BatchLoader: Sendable {
    public let dataset: any Dataset
    public let preprocessing: Preprocessing
    public let batchSize: Int
    /// What was found about files that can be used only in part: videos that end early. Complete after an epoch.
    public let notes: MediaNotes
    private let augmentation: [Augmentation]
    private let views: Int?
    private let shuffles: Bool
    /// Where each class is shown equally often.
    private let balancedLabels: [Int]?
    private let dropsLast: Bool
    private let seed: UInt64
    private let workers: Int
    private let prefetch: Int
    private let pipeline: ImagePipeline
    private let mixes: Bool

    /// - Parameters:
    ///   - dataset: What to load.
    ///   - preprocessing: How a sample becomes a tensor.
    ///   - batchSize: Samples of a batch; the last of an epoch may have fewer.
    ///   - augmentation: Random changes, for training.
    ///   - views: How many augmented views of a sample there are, which the epochs take in turn; `nil` for a new one in
    ///     each epoch.
    ///   - shuffles: Whether each epoch has an order of its own.
    ///   - balancesClasses: Whether that order shows each class equally often (``ClassBalance``), for which samples of
    ///     rare classes come again within an epoch. Asks for `shuffles`, and for labels.
    ///   - dropsLast: Whether to leave out a last batch that is not full.
    ///   - seed: Of the order and the augmentation.
    ///   - workers: Threads that make batches; 0 makes each when it is asked for. One keeps up with a model on the CPU
    ///     when the images are in memory; decoding files may want more.
    ///   - prefetch: How many batches are ready or being made at the same time.
    ///   - notes: Where to collect what was found about files, for several loaders together.
    /// - Throws: `invalidOption`, `invalidPreprocessing`, or `emptyDataset`.
    public init(
        _ dataset: any Dataset, preprocessing: Preprocessing, batchSize: Int, augmentation: [Augmentation] = [],
        views: Int? = nil, shuffles: Bool = false, balancesClasses: Bool = false, dropsLast: Bool = false,
        seed: UInt64 = 0, workers: Int = 1,
        prefetch: Int = 3, notes: MediaNotes = MediaNotes()
    ) throws(MediaError) {
        guard batchSize > 0 else { throw .invalidOption("the batch size", batchSize, allowed: "1 or more") }
        guard views ?? 1 > 0 else { throw .invalidOption("the number of views", views ?? 0, allowed: "1 or more") }
        guard workers >= 0 else { throw .invalidOption("the number of loader threads", workers, allowed: "0 or more") }
        guard prefetch > 0 else { throw .invalidOption("the number of batches ahead", prefetch, allowed: "1 or more") }
        guard dataset.count > 0 else { throw .emptyDataset("data") }
        guard !balancesClasses || shuffles && dataset.isLabelled else {
            throw .invalidOption("balanced sampling", "on", allowed: "it up, or a shuffled order and labelled samples")
        }
        try preprocessing.validate()
        for each in augmentation { try each.validate() }
        self.dataset = dataset
        self.preprocessing = preprocessing
        self.batchSize = batchSize
        self.augmentation = augmentation
        self.views = augmentation.isEmpty ? 1 : views
        self.shuffles = shuffles
        balancedLabels = balancesClasses ? dataset.labels : nil
        self.dropsLast = dropsLast
        self.seed = seed
        self.workers = workers
        self.prefetch = prefetch
        self.notes = notes
        pipeline = ImagePipeline(preprocessing, notes: notes)
        mixes = augmentation.contains { if case .cutMix = $0 { true } else { false } }
    }

    public var batchesPerEpoch: Int {
        dropsLast ? dataset.count / batchSize : (dataset.count + batchSize - 1) / batchSize
    }

    /// Starts to make the batches of an epoch.
    ///
    /// - Parameters:
    ///   - epoch: From 0.
    ///   - first: The first batch wanted, for an epoch that was interrupted.
    public func batches(epoch: Int, startingAt first: Int = 0) -> BatchIterator {
        let order = order(epoch: epoch)
        return BatchIterator(numbers: first..<max(first, batchesPerEpoch), workers: workers, prefetch: prefetch) {
            [self] number in
            Result { () throws(MediaError) in
                let indices = order[number * batchSize..<min((number + 1) * batchSize, order.count)]
                return try makeBatch(Array(indices), epoch: epoch, number: number)
            }
        }
    }

    /// The samples of an epoch in the order they are used.
    private func order(epoch: Int) -> [Int] {
        guard shuffles else { return Array(0..<dataset.count) }
        if let balancedLabels { return ClassBalance.order(labels: balancedLabels, epoch: epoch, seed: seed) }
        var random = SeededGenerator(seed: seed).stream("order of epoch \(epoch)")
        return random.permutation(count: dataset.count)
    }

    private func makeBatch(_ indices: [Int], epoch: Int, number: Int) throws(MediaError) -> Batch {
        var stack = SampleStack(count: indices.count, preprocessing.elementType)
        var labels: [Int64] = []
        var others: (labels: [Int64], shares: [Float]) = ([], [])
        labels.reserveCapacity(indices.count)
        let view = views.map { epoch % $0 } ?? epoch
        for (row, index) in indices.enumerated() {
            let draw = augmentation.isEmpty ? nil : draw(for: index, view: view)
            labels.append(try write(index, draw, to: row, of: &stack))
            guard mixes else { continue }
            var other = (label: labels[row], share: Float(0))
            if let patch = draw?.patch {
                let partner = min(Int(patch.place * Double(dataset.count)), dataset.count - 1)
                var part = stack.forOneMore()
                other.label = try write(partner, self.draw(for: partner, view: view), to: 0, of: &part)
                other.share = stack.paste(patch.rectangle, of: part, to: row)
            }
            others.labels.append(other.label)
            others.shares.append(other.share)
        }
        guard let inputs = stack.inputs else { throw .emptyDataset("data") }
        let count = indices.count
        return Batch(
            inputs: inputs, labels: TensorData([count], labels),
            mixture: mixes
                ? LabelMixture(labels: TensorData([count], others.labels), shares: TensorData([count], others.shares))
                : nil,
            indices: indices, epoch: epoch, view: view, number: number)
    }

    /// Writes a sample of the data set as one row.
    ///
    /// - Returns: Its label.
    private func write(
        _ index: Int, _ draw: AugmentationDraw?, to row: Int, of stack: inout SampleStack
    ) throws(MediaError) -> Int64 {
        let sample = try dataset.sample(at: index)
        try pipeline.located(sample) { () throws(MediaError) in
            let frames = try pipeline.frames(of: sample, start: draw?.start ?? 0.5)
            try stack.setRow(row, try pipeline.layout(of: frames)) { (target, layout) throws(MediaError) in
                try pipeline.write(frames, layout, draw: draw, into: target)
            }
        }
        return Int64(sample.label)
    }

    private func draw(for index: Int, view: Int) -> AugmentationDraw {
        var random = SeededGenerator(seed: seed).stream("augmentation of \(index) in epoch \(view)")
        return augmentation.draw(using: &random)
    }
}
