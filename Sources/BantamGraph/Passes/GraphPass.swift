/// A rewrite of a graph that leaves what the model computes unchanged.
///
/// A pass looks for one pattern and replaces it. Its documentation shows the pattern under *Given* and the
/// replacement under *Result*, in the text form of ``TextPrinter``, with the conditions and the formula. Where a
/// pattern is found that cannot be replaced, the result's notes say why.
///
/// ```swift
/// let result = try FoldBatchNorm().run(on: &graph)
/// print(result.changes, result.notes)
/// ```
///
/// To add one, write one file beside this one and one line in ``Passes``.
public protocol GraphPass: Sendable {
    /// A verb phrase, as the type's name.
    static var name: String { get }

    /// Passes that must come earlier where both are in a pipeline, because this one builds on what they leave.
    static var runsAfter: [any GraphPass.Type] { get }

    /// Rewrites every occurrence of the pattern.
    ///
    /// - Throws: when the graph is not a valid model. `graph` is then in an unspecified but consistent state.
    func run(on graph: inout Graph) throws(GraphError) -> PassResult
}

extension GraphPass {
    public static var runsAfter: [any GraphPass.Type] { [] }
}

/// What a pass did.
public struct PassResult: Hashable, Sendable, Codable {
    /// How many occurrences were replaced.
    public var changes: Int
    /// Why other occurrences were not, one sentence each.
    public var notes: [String]

    public init(changes: Int = 0, notes: [String] = []) {
        self.changes = changes
        self.notes = notes
    }

    mutating func skip(_ node: Node, because reason: String) {
        notes.append("\(node.label) is left as it is: \(reason).")
    }
}
