package import BantamGraph
package import BantamModel

/// A graph that computes what its INT8 file will, in floating point, and can be trained.
///
/// ```
/// Given:  y = Relu(BatchNormalization(Conv(x, W)))
/// Result: y = Relu(BatchNormalization(Conv(FakeQuantize(x, s), FakeQuantize(W, t))))
/// ```
///
/// BatchNorm may stay while it trains, although the file will have it folded into the weights: with `k` the factor of an
/// output channel, `W k` rounded by the scale `t k` gives the same integers as `W` rounded by `t`. So nothing but the
/// scales has to be converted at either end.
///
/// Biases are not rounded: as int32 they lose nothing.
package struct QuantizationSimulation {
    package let method: StaticQuantization
    /// To be trained. Its scales are parameters.
    package private(set) var graph: Graph
    /// The graph before rounding was added to it.
    private let original: Graph
    private var weights: [Rounding] = []
    /// One entry a scale: several activations may share it.
    private var activations: [Rounding] = []
    private var nodes: [NodeID] = []

    private struct Rounding {
        /// A weight, or the first of the activations.
        var value: ValueID
        var scale: ValueID
        /// At the start.
        var parameters: QuantizationParameters
    }

    /// - Parameters:
    ///   - given: A float model.
    ///   - keepsNorms: Whether BatchNorm stays where that is possible.
    ///   - ranges: Given the graph as it will be deployed, measures the activations that
    ///     ``StaticQuantization/statistics(for:)`` lists.
    /// - Throws: what ``StaticQuantization/plan(for:ranges:)`` and `ranges` throw.
    package init(
        of given: Graph, _ method: StaticQuantization, keepsNorms: Bool,
        ranges: (Graph) throws -> [String: ActivationRange]
    ) throws {
        self.method = method
        var unfolded = given
        do {
            try Self.preparation.run(on: &unfolded)
        } catch {
            throw CompressionError.invalidGraph(error)
        }
        var folded = unfolded
        try method.prepare(&folded)
        let plan = try method.plan(for: folded, ranges: try ranges(folded))
        let parameters = plan.weightParameters
        let start = Dictionary(
            uniqueKeysWithValues: folded.constants.keys.compactMap { id in
                parameters[folded[id].name].map { (id, $0) }
            })
        // A scale for each channel takes the factor of a BatchNorm; one scale for all cannot.
        let canKeepNorms = start.allSatisfy { id, parameters in
            parameters.axis != nil && unfolded.constants[id]?.type == folded.constants[id]?.type
        }
        original = keepsNorms && canKeepNorms ? unfolded : folded
        graph = original
        for (id, parameters) in start.sorted(by: { $0.key < $1.key }) {
            try round(weight: id, parameters, in: folded)
        }
        let ofActivation = Dictionary(
            plan.activations.map { ($0.value, $0.parameters) }, uniquingKeysWith: { first, _ in first })
        let layout = try method.layout(of: folded)
        for group in layout.groups {
            guard let parameters = ofActivation[folded[group[0]].name] else { continue }
            try round(activations: group, parameters, in: layout)
        }
        #if DEBUG
            graph.checkInvariants()
        #endif
    }

    /// ``StaticQuantization/preparation`` without the folding of BatchNorm.
    private static let preparation = PassPipeline([FoldConstants()] + StaticQuantization.arrangement)

    /// The scales, by the constants that hold them.
    package var scales: [ValueID] { (weights + activations).map(\.scale) }

    // MARK: Rounding

    private mutating func round(
        weight: ValueID, _ parameters: QuantizationParameters, in folded: Graph
    ) throws(CompressionError) {
        let factors = try factors(of: weight, from: folded, to: original, axis: parameters.axis)
        var parameters = parameters
        parameters.scales = zip(parameters.scales, factors).map { $0 * $1 }
        let scale = graph.addConstant(
            "\(graph[weight].name).scale", TensorData([parameters.scales.count], parameters.scales))
        let readers = graph.consumers(of: weight)
        let count = (graph.constants[weight]?.elementCount ?? 1) / parameters.scales.count
        addRounding(of: weight, scale, parameters, elements: count, for: readers)
        weights.append(Rounding(value: weight, scale: scale, parameters: parameters))
    }

    private mutating func round(
        activations group: [ValueID], _ parameters: QuantizationParameters, in layout: IntegerLayout
    ) throws(CompressionError) {
        let folded = layout.scope.graph
        let scale = graph.addConstant("\(folded[group[0]].name).scale", TensorData([1], parameters.scales))
        for value in group {
            let elements = layout.scope.types[value]?.shape.elementCount ?? 1
            let readers = folded.consumers(of: value).filter { layout.decisions[$0]?.placement.readsIntegers ?? false }
            // What they read is another value where a BatchNorm stands in between.
            let read = readers.flatMap { reader in
                zip(folded[reader].inputs, original[reader].inputs).compactMap { $0 == value ? $1 : nil }
            }
            for present in Set(read) {
                addRounding(
                    of: present, scale, parameters, elements: elements,
                    for: readers.filter { original[$0].inputs.contains(present) })
            }
        }
        activations.append(Rounding(value: group[0], scale: scale, parameters: parameters))
    }

    /// - Parameter elements: How many numbers of one sample share a scale. The more there are, the larger the scale's
    ///   derivative; the square root of their number brings it to the size of the weights' (Esser et al., section 2.2).
    private mutating func addRounding(
        of value: ValueID, _ scale: ValueID, _ parameters: QuantizationParameters, elements: Int,
        for readers: [NodeID]
    ) {
        guard let first = graph.firstInOrder(readers) else { return }
        let lowest = parameters.limits.lowerBound - parameters.zeroPoint
        let highest = parameters.limits.upperBound - parameters.zeroPoint
        let factor = 1 / (Double(max(elements, 1)) * Double(max(highest, -lowest))).squareRoot()
        let name = "\(graph[value].name).round"
        let rounded = graph.makeValue(name)
        let node = graph.addNode(
            "FakeQuantize", name: name, domain: Operators.ownDomain, inputs: [value, scale], outputs: [rounded],
            attributes: [
                "lowest": .int(lowest), "highest": .int(highest), "gradient_factor": .float(Float(factor)),
            ], origin: "QuantizationAwareTraining", before: first)
        if let axis = parameters.axis { graph.updateNode(node) { $0.attributes["axis"] = .int(axis) } }
        graph.setType(graph[value].type, of: rounded)
        for reader in readers { graph.replaceInput(value, of: reader, with: rounded) }
        nodes.append(node)
    }

    /// By how much a weight's scales are larger in one graph than in another.
    private func factors(
        of weight: ValueID, from: Graph, to: Graph, axis: Int?
    ) throws(CompressionError) -> [Float] {
        var format = method.profile.weights
        format.isPerChannel = axis != nil
        guard let before = from.constants[weight], let after = to.constants[weight] else { return [1] }
        let name = from[weight].name
        func scales(_ data: TensorData) throws(CompressionError) -> [Float] {
            try QuantizationParameters(covering: data, channelAxis: axis ?? 0, as: format, name: name).scales
        }
        return zip(try scales(before), try scales(after)).map { $1 / $0 }
    }

    // MARK: The result

    /// The trained model as it is deployed, and the plan that stores it with the scales that were learned.
    ///
    /// - Parameter trained: ``graph`` with other numbers.
    /// - Throws: `notFinite` when the training left no numbers.
    package func deployable(_ trained: Graph) throws(CompressionError) -> (graph: Graph, plan: StaticQuantizationPlan) {
        var unfolded = trained
        for id in nodes {
            let node = unfolded[id]
            guard let input = node.inputs[0], let output = node.mainOutput else { continue }
            unfolded.replaceUses(of: output, with: input)
        }
        unfolded.removeNodes(Set(nodes))
        unfolded.removeUnusedConstants()
        var folded = unfolded
        try method.prepare(&folded)
        var parameters: [ValueID: QuantizationParameters] = [:]
        for rounding in activations {
            parameters[rounding.value] = try learned(rounding, in: trained)
        }
        for rounding in weights {
            let axis = rounding.parameters.axis
            let factors = try factors(of: rounding.value, from: unfolded, to: folded, axis: axis)
            parameters[rounding.value] = try learned(rounding, in: trained, times: factors)
        }
        return (folded, try method.plan(for: folded, parameters: parameters))
    }

    private func learned(
        _ rounding: Rounding, in trained: Graph, times factors: [Float] = [1]
    ) throws(CompressionError) -> QuantizationParameters {
        let scales = trained.constants[rounding.scale]?.elements(of: Float.self) ?? []
        var parameters = rounding.parameters
        parameters.scales = zip(scales, factors).map { $0 * $1 }
        guard parameters.scales.count == rounding.parameters.scales.count,
            parameters.scales.allSatisfy({ $0 > 0 && $0.isFinite })
        else { throw .notFinite(weight: trained[rounding.scale].name) }
        return parameters
    }
}

extension NodePlacement.Placement {
    /// Whether the node reads activations as they are rounded.
    package var readsIntegers: Bool { self == .integer || self == .transparent }
}
