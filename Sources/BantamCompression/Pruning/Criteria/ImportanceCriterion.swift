public import BantamGraph

/// Says how much each channel of a group matters.
///
/// To add one, write a file beside this one and a line in ``ImportanceCriteria``; the conformance suite then tests it.
public protocol ImportanceCriterion: Sendable {
    /// As given to `bantam prune --criterion`.
    static var name: String { get }

    /// Whether it looks at the loss, and so at data: ``ImportanceEvidence/loss`` is then there.
    static var needsLoss: Bool { get }

    /// How scores of different groups are made comparable, unless the user says otherwise.
    static var normalizer: ScoreNormalizer { get }

    init()

    /// Scores the channels of a group; those with the lowest are removed first.
    ///
    /// - Parameters:
    ///   - group: Coupled channels of the evidence's graph.
    ///   - evidence: What is known of the model.
    /// - Returns: Rows with one score for each channel, finite and not negative, in the order of the group's channels.
    ///   A row stands for one layer that the channels appear in, or for all of them; ``GroupReduction`` makes one
    ///   score of a channel's column. Empty when the criterion has nothing to say of the group.
    /// - Throws: `notFinite`, naming the tensor.
    func scores(of group: ChannelGroup, from evidence: ImportanceEvidence) throws(CompressionError) -> [[Double]]
}

extension ImportanceCriterion {
    public static var needsLoss: Bool { false }
    public static var normalizer: ScoreNormalizer { .mean }
}

/// What criteria judge by.
public struct ImportanceEvidence: Sendable {
    /// The model with its weights.
    public var graph: Graph
    /// How the loss depends on each channel; `nil` where no criterion needs it.
    public var loss: LossEvidence?

    public init(graph: Graph, loss: LossEvidence? = nil) {
        self.graph = graph
        self.loss = loss
    }
}

/// Every criterion. A new one is one file in this folder and one line here.
public enum ImportanceCriteria {
    public static let all: [any ImportanceCriterion.Type] = [
        L1Norm.self,
        L2Norm.self,
        LAMP.self,
        GeometricMedian.self,
        BatchNormScale.self,
        TaylorExpansion.self,
        FisherInformation.self,
        RandomImportance.self,
    ]

    /// The criterion of this name.
    ///
    /// - Throws: `unknownName`, with the names there are.
    public static func named(_ name: String) throws(CompressionError) -> any ImportanceCriterion {
        guard let criterion = all.first(where: { $0.name == name }) else {
            throw .unknown("criterion", name, known: all.map { $0.name })
        }
        return criterion.init()
    }
}
