public import BantamGraph

/// Says how much each channel of a group matters.
///
/// To add one, write a file beside this one and a line in ``ImportanceCriteria``; the conformance suite then tests it.
public protocol ImportanceCriterion: Sendable {
    /// As given to `bantam prune --criterion`.
    static var name: String { get }

    init()

    /// Scores the channels of a group; those with the lowest are removed first.
    ///
    /// - Parameters:
    ///   - group: Coupled channels of `graph`.
    ///   - graph: The model with its weights.
    /// - Returns: One score for each channel, finite and not negative, in the order of the group's channels.
    /// - Throws: `notFinite`, naming the tensor.
    func scores(of group: ChannelGroup, in graph: Graph) throws(CompressionError) -> [Double]
}

/// Every criterion. A new one is one file in this folder and one line here.
public enum ImportanceCriteria {
    public static let all: [any ImportanceCriterion.Type] = [
        L1Norm.self,
        L2Norm.self,
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
