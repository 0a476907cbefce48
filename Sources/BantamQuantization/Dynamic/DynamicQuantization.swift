public import BantamGraph
import BantamLayerwise
public import BantamModel

/// Quantizes the weights of linear and convolution layers to int8, and their inputs while the model runs.
///
/// No calibration data is needed: each input's scale is computed from the input itself. It serves the whole tensor, so
/// that in a batch every sample's result depends a little on the others.
///
/// ```
/// Given:  y = Conv(x, W, b)
/// Result: q, s, z = DynamicQuantizeLinear(x)
///         y = Cast(ConvInteger(q, W8, z)) * (s * scales) + b
/// ```
///
/// `Gemm` and `MatMul` become `MatMulInteger` likewise. Everything else computes in floating point.
public struct DynamicQuantization: Sendable {
    public var weights: WeightFormat
    /// The names of nodes that stay in floating point.
    public var excludedNodes: Set<String>

    public init(weights: WeightFormat = .int8, excludedNodes: Set<String> = []) {
        self.weights = weights
        self.excludedNodes = excludedNodes
    }

    /// Chooses the layers and the parameters of their weights.
    ///
    /// - Throws: `notFinite`, naming a weight; `invalidGraph`; `nothingToCompress` when there is no layer to quantize.
    /// - Complexity: O(nodes + elements of the weights).
    public func plan(for graph: Graph) throws(CompressionError) -> DynamicQuantizationPlan {
        let scope = try QuantizationScope(graph)
        var plan = DynamicQuantizationPlan(layers: [], nodes: [])
        for node in graph.nodes.values {
            guard let output = node.mainOutput else { continue }
            let (name, macs) = (graph[output].name, scope.macs(of: node))
            switch weight(of: node, in: scope) {
            case .failure(let objection):
                plan.nodes.append(
                    NodePlacement(
                        node: node.label, output: name, placement: .float, reason: objection.text, macs: macs))
            case .success(let weight):
                let parameters = try QuantizationParameters(
                    covering: weight.data, channelAxis: weight.channelAxis, as: weights, name: weight.name)
                plan.nodes.append(NodePlacement(node: node.label, output: name, placement: .integer, macs: macs))
                plan.layers.append(
                    .init(output: name, weight: QuantizedWeight(value: weight.name, parameters: parameters)))
            }
        }
        guard !plan.layers.isEmpty else {
            throw .nothingToQuantize(reasons: plan.nodes.compactMap(\.explanation))
        }
        return plan
    }

    private struct Weight {
        var name: String
        var data: TensorData
        var channelAxis: Int
    }

    /// The weight of a layer that has an integer form.
    private func weight(of node: Node, in scope: QuantizationScope) -> Result<Weight, Objection> {
        if excludedNodes.contains(node.name) { return .failure("it was excluded") }
        guard node.domain.isEmpty, ["Conv", "Gemm", "MatMul"].contains(node.operatorName) else {
            return .failure("\(node.operatorName) has no dynamic integer form")
        }
        guard node.attributes["transA"] ?? .int(0) == .int(0) else { return .failure("its input is transposed") }
        let inputs = node.filledInputs
        guard inputs.count >= 2, scope.isFloat32(inputs[0].value), !scope.isConstant(inputs[0].value) else {
            return .failure("its input is no float32 activation")
        }
        let value = inputs[1].value
        guard let data = scope.graph.constants[value], data.dtype == .float32 else {
            return .failure("its weight \(scope.graph[value].name) is no float32 constant")
        }
        if inputs.count > 2, scope.graph.constants[inputs[2].value]?.dtype != .float32 {
            return .failure("its bias \(scope.graph[inputs[2].value].name) is no float32 constant")
        }
        guard let axis = scope.role(of: node).channelAxis(1) else {
            return .failure("its weight \(scope.graph[value].name) has no axis of channels")
        }
        return .success(Weight(name: scope.graph[value].name, data: data, channelAxis: axis))
    }
}
