public import BantamGraph
public import BantamModel

/// Sets single weights to zero by magnitude.
///
/// It makes a model that compresses well, not one that runs faster: zeros are stored and multiplied like other numbers
/// unless the file is compressed (`model.onnx.gz`) or the hardware computes with an N:M pattern.
///
/// ```swift
/// let plan = try UnstructuredPruning.plan(for: graph, .init(sparsity: 0.8))
/// try UnstructuredPruning.apply(plan, to: &graph)
/// ```
///
/// Han et al., *Learning both Weights and Connections for Efficient Neural Networks*, NeurIPS 2015; for N:M, Mishra et
/// al., *Accelerating Sparse Deep Neural Networks*, 2021.
public enum UnstructuredPruning {
    /// How many weights go, and which compete.
    public struct Configuration: Codable, Hashable, Sendable {
        /// The fraction of the weights to come to zero, 0..<1. With a pattern at most what it asks for; less leaves some
        /// blocks fuller.
        public var sparsity: Double
        public var scope: Scope
        /// Which weights may go together; `nil` for any.
        public var pattern: SparsityPattern?
        /// Layers that keep all of their weights: names of nodes or weights, where `*` stands for anything.
        public var protectedLayers: [String]

        public init(sparsity: Double, scope: Scope = .layerAdaptive, protectedLayers: [String] = []) {
            self.sparsity = sparsity
            self.scope = scope
            self.protectedLayers = protectedLayers
        }

        /// In every block of the pattern the largest weights stay.
        public init(_ pattern: SparsityPattern, protectedLayers: [String] = []) {
            self.init(sparsity: pattern.sparsity, protectedLayers: protectedLayers)
            self.pattern = pattern
        }
    }

    /// Which weights compete with each other, and by what.
    public enum Scope: String, Codable, Hashable, Sendable, CaseIterable {
        /// All of the model's, each by its square as a share of those of its layer that are no smaller: a layer of small
        /// weights is not emptied for being one. Lee et al., *Layer-Adaptive Sparsity for the Magnitude-Based Pruning*
        /// (LAMP), ICLR 2021.
        case layerAdaptive
        /// All of the model's, by magnitude.
        case global
        /// Those of one layer: each loses the same fraction.
        case local
    }

    /// Which weights become zero.
    public struct Plan: Codable, Hashable, Sendable {
        /// The fraction of the weights of ``layers`` that become zero or are so already, 0...1.
        public var sparsity: Double
        public var pattern: SparsityPattern?
        /// What is left of each weight.
        public var layers: [Layer]
        /// The weights that stay as they are.
        public var exceptions: [Exception]

        public struct Layer: Codable, Hashable, Sendable {
            public var weight: String
            public var count: Int
            /// How many are zero afterwards.
            public var zeros: Int
            /// Smaller ones become zero, and of those with exactly this magnitude as many as are needed. With a pattern
            /// it concerns those that are not among the largest of their block.
            public var threshold: Float
        }

        public struct Exception: Codable, Hashable, Sendable {
            public var weight: String
            /// A clause for people.
            public var reason: String
        }
    }

    /// Chooses the smallest weights.
    ///
    /// Weights are the floating-point parameters with at least two axes; biases and normalization stay. With a pattern
    /// they are those that an operator sums over along an axis that the pattern divides.
    ///
    /// - Throws: `invalidTarget` when the sparsity has no meaning, or is more than the pattern's; `nothingToCompress`
    ///   when the model has no weights for it, with the reasons; `notFinite`, naming the tensor; `invalidGraph`.
    /// - Complexity: O(weights); with a pattern times the length of a block.
    public static func plan(
        for graph: Graph, _ configuration: Configuration
    ) throws(CompressionError) -> Plan {
        try check(configuration)
        let scope = try PrunableWeights(of: graph, configuration)
        var weights: [CandidateWeights] = []
        for weight in scope.weights {
            let candidates = CandidateWeights(weight, of: graph, configuration.pattern)
            guard candidates.isFinite else { throw .notFinite(weight: candidates.name) }
            weights.append(candidates)
        }
        let layers: [Plan.Layer]
        switch configuration.scope {
        case .layerAdaptive:
            layers = zip(weights, layerAdaptiveCounts(configuration.sparsity, of: weights))
                .flatMap { choose($1, of: [$0]) }
        case .global: layers = choose(zeroCount(configuration.sparsity, of: weights), of: weights)
        case .local: layers = weights.flatMap { choose(zeroCount(configuration.sparsity, of: [$0]), of: [$0]) }
        }
        let total = layers.reduce(0) { $0 + $1.count }
        return Plan(
            sparsity: total == 0 ? 0 : Double(layers.reduce(0) { $0 + $1.zeros }) / Double(total),
            pattern: configuration.pattern, layers: layers, exceptions: scope.exceptions)
    }

    /// Zeroes the weights that the plan names.
    ///
    /// - Throws: `planMismatch` when the plan was made for another graph; `invalidGraph`. `graph` is then unchanged.
    public static func apply(_ plan: Plan, to graph: inout Graph) throws(CompressionError) {
        let axes = try plan.pattern.map { _ throws(CompressionError) in try PrunableWeights.axes(of: graph) }
        var pruned = graph
        for layer in plan.layers {
            guard let value = pruned.value(named: layer.weight), var data = pruned.constants[value],
                data.dtype == .float32, data.elementCount == layer.count,
                let weight = PrunableWeights.Weight(value, data.shape, plan.pattern, axes)
            else { throw .planMismatch("the weight \(layer.weight) of \(layer.count) numbers") }
            let candidates = CandidateWeights(weight, of: graph, plan.pattern)
            let chosen = candidates.indices(below: layer.threshold, zeros: layer.zeros)
            data.withUnsafeMutableElements(of: Float.self) { elements in
                for index in chosen { elements[index] = 0 }
            }
            pruned.setConstant(value, to: data)
        }
        graph = pruned
    }

    /// The fraction of the weights that a configuration concerns which are zero now, 0...1.
    package static func sparsity(of graph: Graph, _ configuration: Configuration) throws(CompressionError) -> Double {
        let weights = try PrunableWeights(of: graph, configuration).weights.compactMap { graph.constants[$0.value] }
        let zeros = weights.reduce(0) { sum, data in sum + data.elements(of: Float.self).count { $0 == 0 } }
        return Double(zeros) / Double(max(weights.reduce(0) { $0 + $1.elementCount }, 1))
    }

    package static func check(_ configuration: Configuration) throws(CompressionError) {
        guard (0..<1).contains(configuration.sparsity) else { throw .invalidSparsity(configuration.sparsity) }
        if let pattern = configuration.pattern, configuration.sparsity > pattern.sparsity {
            throw .sparsity(configuration.sparsity, beyond: pattern)
        }
    }

    /// How many candidates become zero.
    private static func zeroCount(_ sparsity: Double, of weights: [CandidateWeights]) -> Int {
        let total = weights.reduce(0) { $0 + $1.count }
        return min(Int((Double(total) * sparsity).rounded()), weights.reduce(0) { $0 + $1.magnitudes.count })
    }

    /// How many of each weight's candidates become zero.
    private static func layerAdaptiveCounts(_ sparsity: Double, of weights: [CandidateWeights]) -> [Int] {
        let shares = weights.map(\.shares)
        let (all, zeroCount) = (shares.flatMap(\.self), zeroCount(sparsity, of: weights))
        guard zeroCount > 0 else { return weights.map { _ in 0 } }
        let threshold = OrderStatistic.smallest(zeroCount, of: all)
        var ties = EvenChoice.ties(in: all, at: threshold, choosing: zeroCount)
        return shares.map { shares in shares.count { $0 < threshold || $0 == threshold && ties.next() } }
    }

    /// What becomes of weights that compete with each other by magnitude.
    private static func choose(_ zeroCount: Int, of weights: [CandidateWeights]) -> [Plan.Layer] {
        let magnitudes = weights.flatMap(\.magnitudes)
        let threshold = zeroCount == 0 ? -1 : OrderStatistic.smallest(zeroCount, of: magnitudes)
        var ties = EvenChoice.ties(in: magnitudes, at: threshold, choosing: zeroCount)
        return weights.map { weight in
            let chosen = weight.magnitudes.count { $0 < threshold || $0 == threshold && ties.next() }
            return Plan.Layer(
                weight: weight.name, count: weight.count, zeros: chosen + weight.otherZeros, threshold: threshold)
        }
    }
}
