public import BantamGraph

/// Sets single weights to zero by magnitude, across all layers at once.
///
/// It makes a model that compresses well, not one that runs faster: zeros are stored and multiplied like other
/// numbers unless the runtime knows better.
/// Han et al., *Learning both Weights and Connections for Efficient Neural Networks*, NeurIPS 2015.
public enum UnstructuredPruning {
    /// Which weights become zero.
    public struct Plan: Codable, Hashable, Sendable {
        /// The fraction of all weights that become zero, 0...1.
        public var sparsity: Double
        /// Smaller weights become zero, and of those with exactly this magnitude as many as are needed.
        public var threshold: Float
        /// What is left of each tensor, by name.
        public var layers: [Layer]

        public struct Layer: Codable, Hashable, Sendable {
            public var weight: String
            public var count: Int
            public var zeros: Int
        }
    }

    /// Chooses the smallest weights of the whole model.
    ///
    /// Weights are the floating-point parameters with at least two axes; biases and normalization stay.
    ///
    /// - Parameter sparsity: The fraction to remove, 0..<1.
    /// - Throws: `invalidTarget` when `sparsity` is out of range; `nothingToCompress` when the model has no weights;
    ///   `notFinite`, naming the tensor.
    /// - Complexity: O(weights).
    public static func plan(for graph: Graph, sparsity: Double) throws(CompressionError) -> Plan {
        guard (0..<1).contains(sparsity) else { throw .invalidSparsity(sparsity) }
        var magnitudes: [Float] = []
        var weights: [(name: String, magnitudes: Range<Int>)] = []
        for value in prunableWeights(of: graph) {
            guard let data = graph.constants[value] else { continue }
            let start = magnitudes.count
            magnitudes += data.elements(of: Float.self).map(abs)
            guard magnitudes[start...].allSatisfy(\.isFinite) else { throw .notFinite(weight: graph[value].name) }
            weights.append((graph[value].name, start..<magnitudes.count))
        }
        guard !magnitudes.isEmpty else { throw .nothingToPrune }
        let zeroCount = Int((Double(magnitudes.count) * sparsity).rounded())
        let threshold = zeroCount == 0 ? -1 : OrderStatistic.smallest(zeroCount, of: magnitudes)
        var ties = ties(in: magnitudes[...], at: threshold, zeroCount: zeroCount)
        let layers = weights.map { weight in
            Plan.Layer(
                weight: weight.name, count: weight.magnitudes.count,
                zeros: magnitudes[weight.magnitudes].count { $0 < threshold || $0 == threshold && ties.next() })
        }
        return Plan(sparsity: sparsity, threshold: threshold, layers: layers)
    }

    /// Zeroes the weights that the plan names.
    ///
    /// - Throws: `planMismatch` when the plan was made for another graph. `graph` is then unchanged.
    public static func apply(_ plan: Plan, to graph: inout Graph) throws(CompressionError) {
        var pruned = graph
        for layer in plan.layers {
            guard let value = pruned.value(named: layer.weight), var data = pruned.constants[value],
                data.dtype == .float32, data.elementCount == layer.count
            else { throw .planMismatch("the weight \(layer.weight) of \(layer.count) numbers") }
            data.withUnsafeMutableElements(of: Float.self) { elements in
                let magnitudes = elements.map(abs)
                var ties = ties(in: magnitudes[...], at: plan.threshold, zeroCount: layer.zeros)
                for (index, magnitude) in magnitudes.enumerated()
                where magnitude < plan.threshold || magnitude == plan.threshold && ties.next() {
                    elements[index] = 0
                }
            }
            pruned.setConstant(value, to: data)
        }
        graph = pruned
    }

    /// Which of the weights that lie at the threshold become zero: quantized or pruned models have many of one magnitude.
    private static func ties(in magnitudes: ArraySlice<Float>, at threshold: Float, zeroCount: Int) -> EvenChoice {
        let count = magnitudes.count { $0 == threshold }
        // What is zero already stays so.
        if threshold == 0 { return EvenChoice(count, of: count) }
        return EvenChoice(zeroCount - magnitudes.count { $0 < threshold }, of: count)
    }

    private static func prunableWeights(of graph: Graph) -> [ValueID] {
        graph.parameters.filter { value in
            guard let data = graph.constants[value] else { return false }
            return data.dtype == .float32 && data.shape.rank >= 2
        }
    }
}
