import OrderedCollections

/// Writes a graph as text for people and for tests: one node a line, in the graph's order.
///
/// ```
/// simple_cnn(input: float32[N, 1, 28, 28]) -> (logits: float32[N, 10])
///   conv1.out = Conv(input, conv1.weight[10, 1, 5, 5], conv1.bias[10]) kernel_shape=[5, 5]   // float32[N, 10, 24, 24], 144.0k MACs
/// ```
///
/// Constants are written with their shape, short lists of numbers with their contents (`{0, -1}`), omitted inputs
/// and outputs as `_`. MACs are those of one sample.
///
/// The text is stable: equal graphs give equal text, whatever the order of their edits.
public struct TextPrinter: Sendable {
    /// Whether each line ends with the types of the node's outputs.
    public var showsTypes: Bool
    /// Whether each line ends with the node's MACs.
    public var showsCosts: Bool

    public init(showsTypes: Bool = true, showsCosts: Bool = true) {
        self.showsTypes = showsTypes
        self.showsCosts = showsCosts
    }

    /// The text of `graph`. Where it is not a valid model types are left out and a last line says why.
    public func text(of graph: Graph) -> String {
        let facts = Facts(of: graph)
        var lines = [signature(of: graph, facts)]
        for node in graph.nodes.values {
            let remarks = remarks(on: node, facts)
            lines.append("  " + statement(node, in: graph) + (remarks.isEmpty ? "" : "   // \(remarks)"))
        }
        if let problem = facts.problem, showsTypes || showsCosts { lines.append("  // \(problem)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func signature(of graph: Graph, _ facts: Facts) -> String {
        let inputs = graph.inputs.map { input in
            let dimensions = input.dimensions.map { $0.fixedSize.map(String.init) ?? $0.name ?? "?" }
            return "\(graph[input.value].name): \(input.dtype.rawValue)[\(dimensions.joined(separator: ", "))]"
        }
        let outputs = graph.outputs.map { output in
            graph[output].name + (facts.type(of: output).map { ": \($0)" } ?? "")
        }
        return "\(graph.name)(\(inputs.joined(separator: ", "))) -> (\(outputs.joined(separator: ", ")))"
    }

    /// `"a, b = Split(x, sizes{2, 2}) axis=1"`.
    private func statement(_ node: Node, in graph: Graph) -> String {
        let outputs = node.outputs.map { $0.map { graph[$0].name } ?? "_" }.joined(separator: ", ")
        let inputs = node.inputs.map { $0.map { argument($0, in: graph) } ?? "_" }.joined(separator: ", ")
        let domain = node.domain.isEmpty ? "" : node.domain + "."
        let attributes = node.attributes.map { " \($0.key)=\($0.value.text)" }.joined()
        return "\(outputs) = \(domain)\(node.operatorName)(\(inputs))\(attributes)"
    }

    private func argument(_ value: ValueID, in graph: Graph) -> String {
        guard let data = graph.constants[value] else { return graph[value].name }
        return graph[value].name + (data.shortList ?? "\(data.shape)")
    }

    private func remarks(on node: Node, _ facts: Facts) -> String {
        var remarks: [String] = []
        if showsTypes { remarks += node.outputs.compactMap { $0.flatMap(facts.type) } }
        if showsCosts, let macs = facts.costs?.nodes[node.id]?.macs, macs > 0 {
            remarks.append("\(abbreviated(macs)) MACs")
        }
        return remarks.joined(separator: ", ")
    }
}

/// What analyses know about a graph, as far as it is valid.
private struct Facts {
    private(set) var costs: CostAnalysis?
    private(set) var problem: GraphError?
    private var free: FreeDimensions?
    private var types: ShapeInference?

    init(of graph: Graph) {
        do throws(GraphError) {
            let types = try ShapeInference(of: graph)
            self.types = types
            costs = try CostAnalysis(of: graph, types: types)
        } catch {
            problem = error
            return
        }
        // A model may be valid for a single sample only; its types are then those of one sample.
        free = try? FreeDimensions(of: graph)
    }

    func type(of value: ValueID) -> String? {
        guard let type = types?[value] else { return nil }
        guard let sizes = free?.sizes(of: value) else { return "\(type)" }
        return "\(type.dtype.rawValue)[\(sizes.map(\.description).joined(separator: ", "))]"
    }
}

extension Attribute {
    fileprivate var text: String {
        switch self {
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .ints(let values): "\(values)"
        case .floats(let values): "\(values)"
        case .strings(let values): "\(values)"
        case .tensor(let data): "\(data.type)\(data.shortList ?? "")"
        case .graph(let graph): "graph \(graph.name)"
        }
    }
}

extension TensorData {
    /// The contents of a scalar or a short list of whole numbers: `"{0, -1}"`.
    fileprivate var shortList: String? {
        guard elementCount <= 8, shape.rank <= 1 else { return nil }
        let numbers: [String]
        switch dtype {
        case .int64: numbers = elements(of: Int64.self).map { "\($0)" }
        case .int32: numbers = elements(of: Int32.self).map { "\($0)" }
        default:
            guard shape.rank == 0, let value = doubles()?.first else { return nil }
            numbers = ["\(Float(value))"]
        }
        return "{\(numbers.joined(separator: ", "))}"
    }
}

/// `"144.0k"`, `"4.1G"`: one decimal, in powers of a thousand.
private func abbreviated(_ count: Int) -> String {
    guard count >= 1000 else { return "\(count)" }
    var value = Double(count)
    var unit = ""
    for larger in ["k", "M", "G", "T"] where value >= 1000 {
        value /= 1000
        unit = larger
    }
    return "\((value * 10).rounded() / 10)\(unit)"
}
