/// Replaces arithmetic on shapes by its results, without fixing the batch size.
///
/// ```
/// Given:  s = Shape(x);  n = Gather(s, {0});  t = Concat(n, {320});  y = Reshape(x, t)
/// Result: y = Reshape(x, {-1, 320})
/// ```
///
/// Shapes are inferred under two sets of numbers for the free dimensions (``FreeDimensions``). A value that comes
/// out the same under both depends on none and becomes a constant. A `Reshape` whose target depends on some is
/// written with `0` (the size the input has on that axis) and one `-1` (whatever is left), where that says the same; a
/// `-1` of its own that always comes out the same is then written as that number.
/// Where the target of an `Expand` depends on some, the sizes that its input has already are written as `1`, so that
/// it repeats along the free dimensions whatever the others are; where it repeats along none of them, the target is a
/// constant. All else that depends on a free dimension stays computed.
public struct FoldShapeComputations: GraphPass {
    public static let name = "FoldShapeComputations"

    private static let excluded: Set<String> = ["DequantizeLinear", "QuantizeLinear"]

    public init() {}

    /// - Complexity: that of two shape inferences.
    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        let free: FreeDimensions
        do throws(GraphError) {
            free = try FreeDimensions(of: graph)
        } catch {
            // Sound at the size it was exported for, or else the verifier says so.
            _ = try ShapeInference(of: graph)
            return PassResult(notes: [
                "Shapes are left computed, as the model takes not all of the sizes that were tried: \(error)"
            ])
        }
        var result = PassResult()
        var replacement = ConstantReplacement()
        for id in graph.nodes.keys {
            let node = graph[id]
            switch node.operatorName {
            case "Reshape": simplifyTarget(of: node, in: &graph, free: free, result: &result)
            case "Expand": simplifyRepetition(of: node, in: &graph, free: free, result: &result)
            default: break
            }
            if let results = constantResults(of: node, free) { replacement.replace(node, by: results, in: &graph) }
        }
        replacement.finish(in: &graph)
        result.changes += replacement.count
        listPlaces(in: &graph)
        return result
    }

    /// Makes single numbers that say where a `Slice` begins and ends lists of one, as the standard wants them.
    ///
    /// In an exported loop they are numbers taken from a list. ONNX Runtime allows it, OpenVINO does not.
    private func listPlaces(in graph: inout Graph) {
        for node in graph.nodes.values where node.operatorName == "Slice" {
            for (slot, input) in node.inputs.enumerated().dropFirst() {
                guard let input, let data = graph.constants[input], data.shape.rank == 0 else { continue }
                graph.setInput(slot, of: node.id, to: graph.addConstant(graph[input].name, data.reshaped(to: [1])))
            }
        }
        graph.removeUnusedConstants()
    }

    /// What the node computes, if that depends neither on contents of the input nor on free dimensions.
    private func constantResults(of node: Node, _ free: FreeDimensions) -> [TensorData]? {
        guard !Self.excluded.contains(node.operatorName) else { return nil }
        var results: [TensorData] = []
        for output in node.outputs {
            guard let output, let data = free.first.known[output], data == free.second.known[output] else { return nil }
            results.append(data)
        }
        return results
    }

    private func simplifyTarget(
        of node: Node, in graph: inout Graph, free: FreeDimensions, result: inout PassResult
    ) {
        guard node.inputs.count > 1, let input = node.inputs[0], let target = node.inputs[1],
            graph.constants[target] == nil, let first = free.first.known[target],
            let second = free.second.known[target], first.dtype == .int64, first != second,
            first.elementCount == second.elementCount
        else { return }
        let targets = zip(first.elements(of: Int64.self), second.elements(of: Int64.self))
        let zeroCopies = node.attributes["allowzero"] != .int(1)
        var entries: [Int64] = []
        var inferred = 0
        for (axis, (first, second)) in targets.enumerated() {
            if first == second {
                // Whatever is left may always be the same; then a free dimension can be left in its place.
                let entry = first == -1 ? fixedSize(of: node, axis, free) ?? -1 : first
                entries.append(entry)
                if entry == -1 { inferred += 1 }
            } else if zeroCopies, isAxis(axis, of: input, first, second, free) {
                entries.append(0)
            } else {
                entries.append(-1)
                inferred += 1
            }
        }
        guard inferred <= 1 else {
            result.skip(node, because: "\(inferred) entries of its target depend on free dimensions")
            return
        }
        let name = node.name.isEmpty ? graph[target].name : "\(node.name).shape"
        graph.setInput(1, of: node.id, to: graph.addConstant(name, TensorData([entries.count], entries)))
        result.changes += 1
    }

    /// The size of the node's output along an axis, if no free dimension changes it.
    private func fixedSize(of node: Node, _ axis: Int, _ free: FreeDimensions) -> Int64? {
        guard let output = node.outputs.first ?? nil, let first = free.first[output]?.shape,
            let second = free.second[output]?.shape, first[axis] == second[axis]
        else { return nil }
        return Int64(first[axis])
    }

    private func simplifyRepetition(
        of node: Node, in graph: inout Graph, free: FreeDimensions, result: inout PassResult
    ) {
        guard let input = node.inputs[0], let target = node.inputs[1], graph.constants[target] == nil,
            let first = free.first.known[target], let second = free.second.known[target], first != second,
            first.dtype == .int64, first.elementCount == second.elementCount,
            let shape = free.first[input]?.shape, shape.rank <= first.elementCount
        else { return }
        let targets = Array(zip(first.elements(of: Int64.self), second.elements(of: Int64.self)))
        let added = targets.count - shape.rank
        let repeats = targets.indices.map { axis in
            let (first, second) = targets[axis]
            return first != second || axis < added || shape[axis - added] == 1 || Int(first) != shape[axis - added]
        }
        let name = node.name.isEmpty ? graph[target].name : node.name
        let known = targets.indices.compactMap { axis -> Int64? in
            let (first, second) = targets[axis]
            if first == second { return repeats[axis] ? first : 1 }
            return axis >= added && isAxis(axis - added, of: input, first, second, free) ? 1 : nil
        }
        if known.count == targets.count {
            graph.setInput(1, of: node.id, to: graph.addConstant("\(name).sizes", TensorData([known.count], known)))
            result.changes += 1
            return
        }
        guard repeats.contains(false) else { return }
        let entries = targets.indices.map { axis in
            let (first, second) = targets[axis]
            if first == second {
                let size = repeats[axis] ? first : 1
                return graph.addConstant("\(name).size_\(axis)", TensorData([1], [size]))
            }
            let index = graph.addConstant("\(name).axis_\(axis)", TensorData([1], [Int64(axis)]))
            return graph.addNode(
                "Gather", name: "\(name).size_\(axis)", inputs: [target, index], origin: node.origin, before: node.id)[
                    0]
        }
        let sizes = graph.addNode(
            "Concat", name: "\(name).sizes", inputs: entries, attributes: ["axis": .int(0)], origin: node.origin,
            before: node.id)
        graph.setInput(1, of: node.id, to: sizes[0])
        result.changes += 1
    }

    /// Whether the target's entry is the size of the input's axis of the same number, so that `0` says it.
    private func isAxis(_ axis: Int, of input: ValueID, _ first: Int64, _ second: Int64, _ free: FreeDimensions) -> Bool
    {
        guard let shapes = free.first[input].map(\.shape), let others = free.second[input].map(\.shape),
            axis < shapes.rank, axis < others.rank
        else { return false }
        return shapes[axis] == Int(first) && others[axis] == Int(second)
    }
}
