public import BantamGraph
import OrderedCollections

/// Stores weights as int8 and computes in floating point: a smaller file, the same operators.
///
/// ```
/// Given:  y = Gemm(x, W, b)
/// Result: y = Gemm(x, DequantizeLinear(W8), b)
/// ```
///
/// No calibration data is needed. The error is that of rounding the weights alone.
public struct WeightOnlyQuantization: Sendable {
    public var weights: WeightFormat
    /// The names of nodes whose weights stay in floating point.
    public var excludedNodes: Set<String>

    /// What will be done to a graph.
    public struct Plan: Hashable, Sendable, Codable {
        public var weights: [QuantizedWeight]
        /// Why other weights stay in floating point, one sentence each.
        public var notes: [String]
    }

    public init(weights: WeightFormat = .int8, excludedNodes: Set<String> = []) {
        self.weights = weights
        self.excludedNodes = excludedNodes
    }

    /// Chooses the parameters of every weight.
    ///
    /// - Throws: `notFinite`, naming a weight; `invalidGraph`; `nothingToCompress` when there is no weight to quantize.
    /// - Complexity: O(nodes + elements of the weights).
    public func plan(for graph: Graph) throws(CompressionError) -> Plan {
        let scope = try QuantizationScope(graph)
        var chosen: OrderedDictionary<ValueID, Result<Int, Objection>> = [:]
        for node in graph.nodes.values {
            let role = scope.role(of: node)
            for (slot, value) in node.filledInputs where role.channelAxis(slot) != nil && scope.isConstant(value) {
                if excludedNodes.contains(node.name) {
                    chosen[value] = .failure("\(node.label) was excluded")
                } else if chosen[value] == nil {
                    chosen[value] = scope.channelAxis(ofWeight: value)
                }
            }
        }
        var plan = Plan(weights: [], notes: [])
        for (value, choice) in chosen {
            let name = graph[value].name
            switch (choice, graph.constants[value]) {
            case (.success(let axis), .some(let data)):
                let parameters = try QuantizationParameters(
                    covering: data, channelAxis: axis, as: weights, name: name)
                plan.weights.append(QuantizedWeight(value: name, parameters: parameters))
            case (.failure(let objection), _): plan.notes.append("\(name) stays in floating point: \(objection.text).")
            case (.success, nil): break
            }
        }
        guard !plan.weights.isEmpty else { throw .nothingToQuantize(reasons: plan.notes) }
        return plan
    }

    /// Carries out a plan. Weights keep their names.
    ///
    /// - Throws: `planMismatch` when the plan was made for another graph. `graph` is then unchanged.
    public static func apply(_ plan: Plan, to graph: inout Graph) throws(CompressionError) {
        var quantized = graph
        for weight in plan.weights { try quantized.store(weight, origin: "WeightOnlyQuantization") }
        #if DEBUG
            quantized.checkInvariants()
        #endif
        graph = quantized
    }
}
