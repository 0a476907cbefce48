public import BantamGraph
public import BantamModel

/// Says how much each channel of a group matters.
///
/// To add one, write a file beside this one and a line in ``ImportanceCriteria``; the conformance suite then tests it.
public protocol ImportanceCriterion: Sendable {
    /// As given to `bantam prune --criterion`.
    static var name: String { get }

    /// What it looks at: anything but the weights needs data.
    static var evidence: EvidenceKind { get }

    /// How scores of different groups are made comparable, unless the user says otherwise.
    static var normalizer: ScoreNormalizer { get }

    /// Whether channels of different groups compete by their score for each unit of what is to be saved, such as MACs,
    /// rather than by their score alone.
    static var weighsSavings: Bool { get }

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
    public static var evidence: EvidenceKind { .weights }
    public static var weighsSavings: Bool { false }
    public static var normalizer: ScoreNormalizer { .mean }
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
        ReconstructionError.self,
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
