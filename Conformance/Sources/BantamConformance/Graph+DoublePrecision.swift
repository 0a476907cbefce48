import BantamGraph

extension Graph {
    /// The same model in float64: what differs there, differs by more than rounding.
    ///
    /// Settings, such as the scales of a `Resize`, keep the type that ONNX prescribes. A model in which types are
    /// mixed, as one that is quantized, may not run.
    func inDoublePrecision() -> Graph {
        var graph = self
        let settings = Set(nodes.values.flatMap(settings))
        for (value, data) in constants where !settings.contains(value) {
            graph.setConstant(value, to: data.inDoublePrecision())
        }
        for (index, input) in inputs.enumerated() where input.dtype == .float32 {
            graph.setInputDType(.float64, ofInput: index)
        }
        for node in nodes.values {
            if node.operatorName == "Cast", node.attributes["to"] == .int(DType.float32.onnxCode) {
                graph.updateNode(node.id) { $0.attributes["to"] = .int(DType.float64.onnxCode) }
            }
            if case .tensor(let data)? = node.attributes["value"] {
                graph.updateNode(node.id) { $0.attributes["value"] = .tensor(data.inDoublePrecision()) }
            }
        }
        return graph
    }

    private func settings(of node: Node) -> [ValueID] {
        guard let slots = try? Operators.definition(of: node).inputs else { return [] }
        return zip(slots, node.inputs).compactMap { slot, value in slot.role == .setting ? value : nil }
    }
}

extension TensorData {
    /// - Returns: the tensor itself, where it holds no float32.
    func inDoublePrecision() -> TensorData {
        guard dtype == .float32, let numbers = doubles() else { return self }
        return TensorData(TensorType(.float64, shape), rounding: numbers)
    }
}
