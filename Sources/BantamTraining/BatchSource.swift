/// Something that can be gone through batch by batch, epoch after epoch.
public protocol BatchSource {
    /// The number of batches in an epoch.
    var batchCount: Int { get }

    /// Whether the batches' labels say what the samples show.
    var isLabelled: Bool { get }

    /// Hands each batch of the epoch to `body`, in an order that follows from the source's seed and the epoch.
    func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws
}

extension BatchSource {
    public var isLabelled: Bool { true }
}
