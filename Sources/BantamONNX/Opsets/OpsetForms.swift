import BantamGraph

/// Rewrites a graph's nodes to the form they have in one version of ONNX's operator set.
///
/// Operators' definitions understand every form from opset 11 on (``FormsBefore11`` rewrites
/// older ones), so a graph may hold any mixture; a file may not.
struct OpsetForms {
    /// A setting that was an attribute and became an input.
    private struct MovedSetting {
        var attribute: String
        var slot: Int
        /// The first version in which it is an input.
        var since: Int
    }

    private static let movedSettings: [String: MovedSetting] = {
        var settings = [
            "ReduceSum": MovedSetting(attribute: "axes", slot: 1, since: 13),
            "Squeeze": MovedSetting(attribute: "axes", slot: 1, since: 13),
            "Unsqueeze": MovedSetting(attribute: "axes", slot: 1, since: 13),
            "Split": MovedSetting(attribute: "split", slot: 1, since: 13),
            "Dropout": MovedSetting(attribute: "ratio", slot: 1, since: 12),
        ]
        for kind in ["Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"] {
            settings["Reduce\(kind)"] = MovedSetting(attribute: "axes", slot: 1, since: 18)
        }
        return settings
    }()

    /// Attributes that only speak of element types that are not read, or of rounding on the way, and the version that
    /// brought them.
    private static let newerAttributes: [String: [String: Int]] = [
        "Cast": ["saturate": 19, "round_mode": 24],
        "CastLike": ["saturate": 19, "round_mode": 24],
        "QuantizeLinear": ["saturate": 19, "precision": 23],
    ]

    let opset: Int
    /// Sizes inside the graph, for the settings that only some versions leave open.
    let types: GraphTypes

    /// - Throws: `invalidGraph` for a node that this version cannot express.
    func apply(to graph: inout Graph) throws(ONNXError) {
        var hasFreedInputs = false
        for node in graph.nodes.values where node.domain.isEmpty {
            for (name, since) in Self.newerAttributes[node.operatorName] ?? [:] where opset < since {
                if node.attributes[name] != nil { graph.updateNode(node.id) { $0.attributes[name] = nil } }
            }
            switch node.operatorName {
            case "Split": try fixParts(of: node, in: &graph)
            case "GroupNormalization": try repeatPerChannel(node, in: &graph)
            case "GridSample": nameInterpolation(of: node, in: &graph)
            default: break
            }
            if let setting = Self.movedSettings[node.operatorName], try move(setting, of: node.id, in: &graph) {
                hasFreedInputs = true
            }
        }
        if hasFreedInputs { graph.removeUnusedConstants() }
    }

    /// - Returns: Whether the node no longer reads an input that it did.
    private func move(_ setting: MovedSetting, of id: NodeID, in graph: inout Graph) throws(ONNXError) -> Bool {
        let node = graph[id]
        if opset < setting.since {
            guard setting.slot < node.inputs.count, let input = node.inputs[setting.slot] else { return false }
            guard let numbers = graph.constants[input], numbers.dtype == .int64 else {
                throw .computedSetting(setting.attribute, node: node.label, opset: opset)
            }
            graph.updateNode(id) {
                $0.attributes[setting.attribute] = .ints(numbers.elements(of: Int64.self).map { Int($0) })
                $0.attributes["noop_with_empty_axes"] = nil
            }
            graph.setInput(setting.slot, of: id, to: nil)
            return true
        }
        if let data = node.attributes[setting.attribute]?.constantData {
            let constant = graph.addConstant("\(node.name).\(setting.attribute)", data)
            graph.setInput(setting.slot, of: id, to: constant)
            graph.updateNode(id) { $0.attributes[setting.attribute] = nil }
        }
        return false
    }

    /// The interpolations of `GridSample` got the names that `Resize` has for them in opset 20.
    private func nameInterpolation(of node: Node, in graph: inout Graph) {
        let names =
            opset < 20 ? ["linear": "bilinear", "cubic": "bicubic"] : ["bilinear": "linear", "bicubic": "cubic"]
        guard case .string(let old)? = node.attributes["mode"], let new = names[old] else { return }
        graph.updateNode(node.id) { $0.attributes["mode"] = .string(new) }
    }

    /// Parts without given sizes had to be equal up to opset 17; since then the file must say how many there are.
    private func fixParts(of node: Node, in graph: inout Graph) throws(ONNXError) {
        guard node.inputs.count < 2, node.attributes["split"] == nil else { return }
        guard opset < 18 else {
            graph.updateNode(node.id) { $0.attributes["num_outputs"] = .int(node.outputs.count) }
            return
        }
        guard node.attributes["num_outputs"] != nil else { return }
        var axis = 0
        if case .int(let value)? = node.attributes["axis"] { axis = value }
        var sizes: [Int64] = []
        for output in node.outputs {
            guard let output, let size = types.size(of: output, axis: axis) else {
                throw .computedSetting("split", node: node.label, opset: opset)
            }
            sizes.append(Int64(size))
        }
        graph.updateNode(node.id) { $0.attributes["num_outputs"] = nil }
        let constant = graph.addConstant("\(node.name).split", TensorData([sizes.count], sizes))
        graph.setInput(1, of: node.id, to: constant)
    }

    /// Scale and bias of `GroupNormalization` are given for each group in opset 18, for each channel in opset 21.
    private func repeatPerChannel(_ node: Node, in graph: inout Graph) throws(ONNXError) {
        guard let input = node.inputs.first.flatMap({ $0 }), let channels = types.size(of: input, axis: 1) else {
            throw .computedSetting("the number of channels", node: node.label, opset: opset)
        }
        for slot in 1...2 {
            guard let data = graph.constant(slot, of: node), data.elementCount != channels else { continue }
            let repeated = data.repeatingElements(channels / max(data.elementCount, 1))
            let constant = graph.addConstant("\(node.name).\(slot == 1 ? "scale" : "bias")", repeated)
            graph.setInput(slot, of: node.id, to: constant)
        }
    }
}

extension TensorData {
    /// Each element of a list `count` times in turn.
    fileprivate func repeatingElements(_ count: Int) -> TensorData {
        let width = dtype.bitWidth / 8
        var result = TensorData(zeros: TensorType(dtype, [elementCount * count]))
        withUnsafeBytes { source in
            result.withUnsafeMutableBytes { target in
                for byte in target.indices { target[byte] = source[byte / (count * width) * width + byte % width] }
            }
        }
        return result
    }
}
