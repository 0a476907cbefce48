public import BantamGraph
public import BantamNetwork
public import BantamTensor

/// What training minimizes.
public protocol Objective {
    /// Values inside the network that the loss looks at, besides its outputs.
    var taps: [ValueID] { get }

    /// When a training has run away, by its losses.
    var divergence: DivergenceGuard { get }

    /// The mean loss of a batch, a scalar with a gradient.
    func loss(of result: Network.Result, on batch: TrainingBatch) throws -> Tensor
}

extension Objective {
    public var taps: [ValueID] { [] }
    public var divergence: DivergenceGuard { DivergenceGuard() }
}

/// The part of a batch that an objective may look at.
public struct TrainingBatch {
    /// `[N, C, ...]`
    public var inputs: Tensor
    /// Class indices, int64 `[N]`; without meaning where the ``BatchSource`` is not labelled.
    public var labels: Tensor
    /// What else the inputs show, where they are mixed from two samples: those samples' labels, int64 `[N]`, and their shares
    /// of the inputs, float32 `[N]`.
    public var mixture: (labels: Tensor, shares: Tensor)?
    /// The samples' positions in the data set, to find what is stored about them.
    public var indices: [Int]
    /// Which of its augmented views each sample is seen in: the same inputs have the same number.
    public var view: Int

    public init(
        inputs: Tensor, labels: Tensor, mixture: (labels: Tensor, shares: Tensor)? = nil, indices: [Int], view: Int = 0
    ) {
        self.inputs = inputs
        self.labels = labels
        self.mixture = mixture
        self.indices = indices
        self.view = view
    }

    /// The same batch on a device.
    public func moved(to device: Device) throws(TorchError) -> TrainingBatch {
        guard device != inputs.device else { return self }
        return TrainingBatch(
            inputs: try inputs.moved(to: device), labels: try labels.moved(to: device),
            mixture: try mixture.map { mixture throws(TorchError) in
                (try mixture.labels.moved(to: device), try mixture.shares.moved(to: device))
            },
            indices: indices, view: view)
    }
}
