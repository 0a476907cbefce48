public import BantamGraph

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The task of a model, as its outputs tell it: what they mean, and so how answers are counted and learned.
///
/// ```swift
/// TaskDescription(of: graph)                  // .classification(classes: 10, .logits)
/// TaskDescription(of: segmenter)              // .unspecified
/// ```
///
/// A model whose task is not known is compared by all of its outputs as numbers, never by scores that it may not have.
public enum TaskDescription: Hashable, Sendable, Codable {
    /// The first output holds a score for each class, `[N, classes]` or with further dimensions of one.
    case classification(classes: Int, Scores)
    /// The first output holds one score, `[N, 1]` or `[N]`, of the second of two classes.
    case binary(Scores)
    /// Anything else.
    case unspecified

    /// What the scores of a classifier are.
    public enum Scores: String, Hashable, Sendable, Codable {
        /// Any numbers: the class of the largest is predicted; a single one counts from 0.
        case logits
        /// Numbers in 0...1 behind a Softmax or a Sigmoid; a single one counts from 0.5.
        case probabilities
    }

    /// The classes that the model tells apart; `nil` where it tells none.
    public var classCount: Int? {
        switch self {
        case .classification(let classes, _): classes
        case .binary: 2
        case .unspecified: nil
        }
    }

    /// As in "the model gives scores of 3 classes".
    package var countOfScores: String {
        switch self {
        case .classification(let classes, _): "scores of \(classes) classes"
        case .binary: "1 score for 2 classes"
        case .unspecified: "no class scores"
        }
    }

    /// Infers the task from the type of the first output and the operator that computes it.
    ///
    /// A model with several outputs is a classifier only where something else says so: a detector may begin with
    /// `[N, anchors]`.
    ///
    /// - Parameter knownClasses: How many classes the model's metadata or its data name; `nil` where they do not.
    /// - Throws: `GraphError` when the graph is not a valid model.
    public init(of graph: Graph, knownClasses: Int? = nil) throws(GraphError) {
        let types = try ShapeInference(of: graph)
        self = .unspecified
        guard let output = graph.outputs.first, let type = types[output], type.dtype.isFloatingPoint else { return }
        let dimensions = type.shape.dimensions
        guard !dimensions.isEmpty, dimensions.dropFirst(2).allSatisfy({ $0 == 1 }) else { return }
        let classes = dimensions.count > 1 ? dimensions[1] : 1
        guard graph.outputs.count == 1 || knownClasses == classes || classes == 1 && knownClasses == 2 else { return }
        let last = graph.computation(of: output)?.operatorName
        if classes == 1 {
            self = .binary(last == "Sigmoid" || last == "HardSigmoid" ? .probabilities : .logits)
        } else if classes > 1 {
            let isBounded = ["Softmax", "Sigmoid", "HardSigmoid"].contains(last)
            self = .classification(classes: classes, isBounded ? .probabilities : .logits)
        }
    }

    /// The scores of one sample, one for each class.
    ///
    /// - Parameter row: What the model's first output holds for the sample.
    /// - Returns: For a binary task two: a probability and what it lacks to 1, or a logit beside 0.
    public func scores(of row: some Collection<Float>) -> [Float] {
        guard case .binary(let scores) = self, let score = row.first else { return Array(row) }
        return switch scores {
        case .probabilities: [1 - score, score]
        case .logits: [0, score]
        }
    }

    /// A sample's scores as probabilities: a softmax of logits; what is a probability already stays as it is.
    ///
    /// - Parameter scores: One for each class, as ``scores(of:)`` gives them.
    public func probabilities(of scores: [Float]) -> [Float] {
        switch self {
        case .classification(_, .probabilities), .binary(.probabilities), .unspecified: return scores
        case .classification(_, .logits), .binary(.logits):
            let largest = scores.max() ?? 0
            let powers = scores.map { exp($0 - largest) }
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        }
    }

    /// The class with the highest of `scores`, the first of equal ones; `nil` where none is a number.
    public static func prediction(of scores: some Collection<Float>) -> Int? {
        var best: (index: Int, score: Float)?
        for (index, score) in scores.enumerated() where !score.isNaN && score > best?.score ?? -.infinity {
            best = (index, score)
        }
        return best?.index
    }
}

extension Graph {
    /// Operators that give other numbers than they are given by no more than a rounding.
    private static let passive: Set = [
        "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Cast", "QuantizeLinear", "DequantizeLinear",
    ]

    /// The node that computes a value, beyond those that give it another shape or type.
    fileprivate func computation(of value: ValueID) -> Node? {
        var node = producer(of: value)
        while let last = node, Self.passive.contains(last.operatorName), let input = last.inputs.first ?? nil,
            let before = producer(of: input)
        {
            node = before
        }
        return node
    }
}
