import BantamGraph

/// What a kind of device computes in integers, and how: data that decides what static quantization does.
///
/// To add one, write one file beside this one and one line in ``TargetProfiles``.
public struct TargetProfile: Hashable, Sendable, Codable {
    /// For the command line and for records: `"x86-vnni"`.
    public var name: String
    /// One sentence for people.
    public var summary: String
    public var activations: ActivationFormat
    public var weights: WeightFormat
    /// The operators that have integer kernels.
    public var operators: [IntegerOperator]
    /// The operators that an integer kernel applies to its result before it rounds: they cost nothing, and the value
    /// before them needs no scale.
    public var fusedActivations: [String]
    /// Whether an integer kernel can add an unrounded value to its result: then sums of unrounded values cost little.
    public var addsUnrounded: Bool

    /// An operator with an integer kernel, and for which shapes.
    public struct IntegerOperator: Hashable, Sendable, Codable {
        public var name: String
        /// The numbers of spatial dimensions; `nil` when the operator has none, or any will do.
        public var spatialRanks: [Int]?
        /// The same for depthwise convolutions, where they differ.
        public var depthwiseSpatialRanks: [Int]?

        public init(_ name: String, spatialRanks: [Int]? = nil, depthwiseSpatialRanks: [Int]? = nil) {
            self.name = name
            self.spatialRanks = spatialRanks
            self.depthwiseSpatialRanks = depthwiseSpatialRanks
        }
    }

    public init(
        name: String, summary: String, activations: ActivationFormat, weights: WeightFormat,
        operators: [IntegerOperator], fusedActivations: [String], addsUnrounded: Bool = false
    ) {
        self.name = name
        self.summary = summary
        self.activations = activations
        self.weights = weights
        self.operators = operators
        self.fusedActivations = fusedActivations
        self.addsUnrounded = addsUnrounded
    }
}

extension TargetProfile {
    /// Why the target does not run the node in integers, for people; `nil` when it does.
    func objection(to node: NodeContext) -> String? {
        let name = node.node.operatorName
        guard node.node.domain.isEmpty, let entry = operators.first(where: { $0.name == name }) else {
            return "\(self.name) has no integer kernel for \(name)"
        }
        let isDepthwise = node.isDepthwiseConvolution
        let ranks = isDepthwise ? entry.depthwiseSpatialRanks ?? entry.spatialRanks : entry.spatialRanks
        let spatialRank = node.inputShape(0).rank - 2
        guard let ranks, !ranks.contains(spatialRank) else { return nil }
        return "\(self.name) has no integer kernel for \(spatialRank)-dimensional "
            + "\(isDepthwise ? "depthwise " : "")\(name)"
    }
}

extension NodeContext {
    /// Whether each filter sees one channel of several.
    fileprivate var isDepthwiseConvolution: Bool {
        guard node.operatorName == "Conv", hasInput(1) else { return false }
        return int("group", default: 1) > 1 && inputShape(1)[1] == 1
    }
}
