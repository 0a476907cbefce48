public import BantamGraph
public import BantamTensor
public import BantamTraining

/// What a criterion looks at besides the weights.
public enum EvidenceKind: Hashable, Sendable {
    case weights
    /// How the loss depends on the channels: ``LossEvidence``.
    case loss
    /// What the layers that read a channel lose with it: ``ReconstructionEvidence``.
    case reconstruction
}

/// What criteria judge by.
public struct ImportanceEvidence: Sendable {
    /// The model with its weights.
    public var graph: Graph
    /// How the loss depends on each channel; `nil` where no criterion needs it.
    public var loss: LossEvidence?
    /// What the readers of each channel lose with it; `nil` where no criterion needs it.
    public var reconstruction: ReconstructionEvidence?

    public init(graph: Graph, loss: LossEvidence? = nil, reconstruction: ReconstructionEvidence? = nil) {
        self.graph = graph
        self.loss = loss
        self.reconstruction = reconstruction
    }

    /// Collects what a criterion needs.
    ///
    /// - Parameters:
    ///   - kind: The criterion's ``ImportanceCriterion/evidence``.
    ///   - source: ``LossEvidence/usualSampleCount`` samples or so.
    ///   - objective: What the model was trained for; ``/BantamTraining/PseudoLabels`` for data without labels. Made for criteria that look
    ///     at the loss only: it may hold a model.
    ///   - observe: Is told the share that is done, 0...1.
    /// - Throws: what ``LossEvidence`` and ``ReconstructionEvidence`` throw.
    public init(
        _ kind: EvidenceKind, of graph: Graph, groups: [ChannelGroup], on source: some BatchSource,
        objective: @autoclosure () throws -> any Objective = CrossEntropy(), device: Device = .cpu,
        observe: (Double) throws -> Void = { _ in }
    ) throws {
        self.init(graph: graph)
        switch kind {
        case .weights: break
        case .loss:
            loss = try LossEvidence(
                of: graph, groups: groups, on: source, objective: objective(), device: device, observe: observe)
        case .reconstruction:
            reconstruction = try ReconstructionEvidence(
                of: graph, groups: groups, on: source, device: device, observe: observe)
        }
    }
}
