import BantamGraph
import BantamModel

/// The weights that unstructured pruning may touch, and why it does not touch others.
struct PrunableWeights {
    struct Weight {
        var value: ValueID
        var shape: Shape
        /// Where blocks of a pattern lie; `nil` without one.
        var axis: ReductionAxis?
    }

    private(set) var weights: [Weight] = []
    private(set) var exceptions: [UnstructuredPruning.Plan.Exception] = []

    /// - Throws: `nothingToCompress` when no weight is left; `unknownName`; `invalidGraph`.
    init(of graph: Graph, _ configuration: UnstructuredPruning.Configuration) throws(CompressionError) {
        try NamePattern.requireLayers(configuration.protectedLayers, in: graph)
        let axes = try configuration.pattern.map { _ throws(CompressionError) in try Self.axes(of: graph) }
        let readers = configuration.protectedLayers.isEmpty ? [:] : Self.readers(in: graph)
        for value in graph.parameters {
            guard let data = graph.constants[value], data.dtype == .float32, data.shape.rank >= 2 else { continue }
            let name = graph[value].name
            let protection = NamePattern.first(
                of: configuration.protectedLayers, matching: readers[value, default: []] + [name])
            if let protection {
                exceptions.append(.init(weight: name, reason: "\(protection) is protected"))
                continue
            }
            switch Weight.fitting(value, data.shape, configuration.pattern, axes) {
            case .success(let weight): weights.append(weight)
            case .failure(let obstacle): exceptions.append(.init(weight: name, reason: obstacle.reason))
            }
        }
        guard !weights.isEmpty else { throw .nothingToPrune(exceptions.map { "\($0.weight) stays: \($0.reason)" }) }
    }

    static func axes(of graph: Graph) throws(CompressionError) -> ReductionAxes {
        do throws(GraphError) {
            return try ReductionAxes(of: graph)
        } catch {
            throw .invalidGraph(error)
        }
    }

    /// The names of the nodes that read each value.
    private static func readers(in graph: Graph) -> [ValueID: [String]] {
        var readers: [ValueID: [String]] = [:]
        for node in graph.nodes.values {
            for input in node.inputs { if let input { readers[input, default: []].append(node.name) } }
        }
        return readers
    }
}

extension PrunableWeights.Weight {
    /// - Returns: `nil` when the pattern does not fit the weight.
    init?(_ value: ValueID, _ shape: Shape, _ pattern: SparsityPattern?, _ axes: ReductionAxes?) {
        guard case .success(let weight) = Self.fitting(value, shape, pattern, axes) else { return nil }
        self = weight
    }

    /// - Parameter axes: Needed with a pattern.
    fileprivate static func fitting(
        _ value: ValueID, _ shape: Shape, _ pattern: SparsityPattern?, _ axes: ReductionAxes?
    ) -> Result<Self, ReductionAxes.Obstacle> {
        guard let pattern, let axes else { return .success(Self(value: value, shape: shape, axis: nil)) }
        return axes.axis(of: value).flatMap { axis in
            guard axis.length.isMultiple(of: pattern.block), axis.length > 0 else {
                return .failure(.init(reason: "it sums over \(axis.length), which \(pattern.block) does not divide"))
            }
            return .success(Self(value: value, shape: shape, axis: axis))
        }
    }
}
