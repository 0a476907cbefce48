import BantamGraph
import OrderedCollections

/// Rewrites nodes of opsets 1 to 10 to a form that the operators' definitions understand.
enum FormsBefore11 {
    /// The operators that mean the same since the first operator set. The others changed by opset 7, in which operands
    /// began to broadcast by themselves.
    static let unchangedSinceFirst: Set = [
        "Abs", "AveragePool", "Ceil", "Clip", "Constant", "Conv", "ConvTranspose", "Elu", "Exp", "Flatten", "Floor",
        "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid", "Hardmax", "Identity", "InstanceNormalization", "LRN",
        "LeakyRelu", "Log", "LogSoftmax", "MaxPool", "Neg", "Not", "Reciprocal", "Relu", "Selu", "Sigmoid", "Softmax",
        "Softplus", "Softsign", "Sqrt", "Tanh", "Transpose",
    ]

    /// An attribute that became an input.
    private struct MovedAttribute {
        var name: String
        var slot: Int
    }

    private static let movedAttributes: [String: [MovedAttribute]] = [
        "Clip": [MovedAttribute(name: "min", slot: 1), MovedAttribute(name: "max", slot: 2)],
        "Pad": [MovedAttribute(name: "pads", slot: 1), MovedAttribute(name: "value", slot: 2)],
        "Slice": [
            MovedAttribute(name: "starts", slot: 1), MovedAttribute(name: "ends", slot: 2),
            MovedAttribute(name: "axes", slot: 3),
        ],
        "TopK": [MovedAttribute(name: "k", slot: 1)],
        "Upsample": [MovedAttribute(name: "scales", slot: 1)],
    ]

    static func upgrade(_ graph: inout Graph) {
        for node in graph.nodes.values where node.domain.isEmpty {
            for attribute in movedAttributes[node.operatorName] ?? [] { move(attribute, of: node.id, in: &graph) }
            switch node.operatorName {
            case "Upsample", "Resize": upgradeResampling(node.id, in: &graph)
            case "Scatter": graph.updateNode(node.id) { $0.operatorName = "ScatterElements" }
            // MXNet wrote 0, a statistic for each element, beside one for each channel.
            case "BatchNormalization"
            where node.attributes["spatial"] == .int(1) || graph.constant(3, of: node)?.shape.rank == 1:
                graph.updateNode(node.id) { $0.attributes["spatial"] = nil }
            default: break
            }
            // A hint to runtimes of the first operator set.
            if node.attributes["consumed_inputs"] != nil {
                graph.updateNode(node.id) { $0.attributes["consumed_inputs"] = nil }
            }
        }
    }

    private static func move(_ attribute: MovedAttribute, of id: NodeID, in graph: inout Graph) {
        let node = graph[id]
        guard var data = node.attributes[attribute.name]?.constantData,
            attribute.slot >= node.inputs.count || node.inputs[attribute.slot] == nil
        else { return }
        if node.operatorName == "TopK" { data = data.reshaped(to: [1]) }
        let constant = graph.addConstant("\(node.name).\(attribute.name)", data)
        graph.setInput(attribute.slot, of: id, to: constant)
        graph.updateNode(id) { $0.attributes[attribute.name] = nil }
    }

    /// Given `Upsample(x, scales)`, or the `Resize(x, scales)` of opset 10.
    ///
    /// Result: `Resize(x, , scales)` with coordinates that are not shifted by half a pixel, rounded down.
    private static func upgradeResampling(_ id: NodeID, in graph: inout Graph) {
        guard graph[id].inputs.count == 2, let scales = graph[id].inputs[1] else { return }
        graph.setInput(2, of: id, to: scales)
        graph.setInput(1, of: id, to: nil)
        graph.updateNode(id) { node in
            node.operatorName = "Resize"
            node.attributes["coordinate_transformation_mode"] = .string("asymmetric")
            node.attributes["nearest_mode"] = .string("floor")
        }
    }
}
