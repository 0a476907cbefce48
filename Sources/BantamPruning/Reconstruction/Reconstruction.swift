public import BantamGraph
package import BantamLayerwise
import BantamNetwork
public import BantamTensor

/// Fits what is left of the weights that read removed channels, so that the layers compute what they did before.
///
/// A batch runs through the model as it was and through the pruned one, layer by layer. Each layer that lost inputs gets
/// the weights which, on the inputs that it has now, come nearest to its old result in the least squares: the channels
/// that stayed take over what those that went had to say, as far as they can. What error is left reaches the layers
/// behind, which are fitted to their old results, too. Where a result is added to another, as in a residual block, that
/// is fitted which makes up for the other's error as well. The fewer results a layer has for its inputs, the nearer it stays to
/// the weights that were left. Of very many inputs a part is fitted at a time. No labels and no gradients are needed.
///
/// - Reference: He, Zhang and Sun, *Channel Pruning for Accelerating Very Deep Neural Networks*, ICCV 2017, sections 3.1
///   and 3.2; Luo et al., *ThiNet*, ICCV 2017.
public enum Reconstruction {
    /// What was done to one layer.
    public struct Record: Codable, Hashable, Sendable {
        public var node: String
        /// The error of the layer's result, as a share of the result's own mean square: with the weights that were left,
        /// and with those fitted.
        public var errorBefore: Double
        public var errorAfter: Double
    }

    /// Channels that a normalization scales by less than this share of the others are left to it: to make up for a sum's
    /// error there would take weights without measure.
    private static let leastScale = 1e-2
    /// The share of a layer's inputs that may be wrong before it is fitted to them, where it kept them all.
    private static let leastDrift = 1e-4

    /// Fits the layers of a pruned graph that compute something else than before.
    ///
    /// - Parameters:
    ///   - plan: What was removed.
    ///   - original: The graph that the plan was applied to.
    ///   - pruned: What the plan made of it. Only weights, biases and means of normalizations change.
    ///   - inputs: The batch: one tensor for each input of the graph.
    ///   - observe: Is told the share of the layers that are done, 0...1.
    /// - Returns: What was done, layer by layer.
    /// - Throws: `planMismatch`; errors of libtorch. `pruned` is then unchanged.
    public static func apply(
        to pruned: inout Graph, of original: Graph, after plan: StructuredPruning.Plan, inputs: [Tensor],
        device: Device = .cpu, observe: (Double) throws -> Void = { _ in }
    ) throws -> [Record] {
        try apply(
            to: &pruned, of: original, after: plan, inputs: inputs, device: device,
            mostInputs: PatchMoments.mostInputs, observe: observe)
    }

    /// - Parameter mostInputs: Of a layer, that are fitted at a time.
    static func apply(
        to pruned: inout Graph, of original: Graph, after plan: StructuredPruning.Plan, inputs: [Tensor],
        device: Device = .cpu, mostInputs: Int, observe: (Double) throws -> Void = { _ in }
    ) throws -> [Record] {
        let scope = try QuantizationScope(pruned)
        let before = try QuantizationScope(original)
        var layouts: [NodeID: WeightLayout] = [:]
        var lostInputs: Set<NodeID> = []
        var marks = try ChannelMarks(original)
        try marks.apply { try StructuredPruning.apply(plan, to: &$0) }
        for node in pruned.nodes.values where SingleLayer.hasPatches(node) {
            guard let twin = original.nodes[node.id], let layout = WeightLayout(of: node, in: scope),
                let old = WeightLayout(of: twin, in: before),
                // A depthwise filter loses its only input with its output.
                layout.groups == old.groups, SingleLayer.isUnscaled(node)
            else { continue }
            layouts[node.id] = layout
            if layout.inputCount < old.inputCount { lostInputs.insert(node.id) }
        }
        var fitted = pruned
        var records: [Record] = []
        var done = 0
        try PairedWalk(original, pruned, device: device).run(inputs, at: Set(layouts.keys)) { layer in
            done += 1
            try observe(Double(done) / Double(layouts.count))
            guard let layout = layouts[layer.node.id], let weight = pruned.constants[layout.weight],
                let outputs = marks.outputs(of: layout)
            else { return layer.result }
            guard try lostInputs.contains(layer.node.id) || isDrifted(layer) else { return layer.result }
            let end = LayerEnd(of: layer.node, in: pruned, scope.types)
            let wanted = try wanted(of: layer, end, kept: outputs, axis: layout.outputAxis)
            let fit = Fit(
                layer: layer, layout: layout, offset: LayerOffset(layout, end, in: scope), mostInputs: mostInputs)
            let (weights, result, shift) = try fit.solve(weight, for: wanted)
            fitted.setConstant(layout.weight, to: try weights.data())
            if let shift { fit.offset?.add(shift, in: &fitted) }
            records.append(
                Record(
                    node: layer.node.label, errorBefore: try layer.result.relativeError(from: wanted),
                    errorAfter: try result.relativeError(from: wanted)))
            return result
        }
        pruned = fitted
        return records
    }

    /// Whether a layer that kept its inputs gets others than it had.
    private static func isDrifted(_ layer: PairedWalk.Layer) throws -> Bool {
        guard let input = layer.node.inputs[0].flatMap(layer.others), input.expected.shape == input.result.shape else {
            return false
        }
        return try input.result.relativeError(from: input.expected) > leastDrift
    }

    /// What the layer should compute: what it did before, and what makes up for the error of what it is added to.
    private static func wanted(
        of layer: PairedWalk.Layer, _ end: LayerEnd?, kept: [Int], axis: Int
    ) throws -> Tensor {
        func remaining(_ tensor: Tensor) throws -> Tensor {
            tensor.shape == layer.result.shape ? tensor : try tensor.selecting(kept, axis: axis)
        }
        let wanted = try remaining(layer.expected)
        guard let end, let addend = end.addend, let other = layer.others(addend),
            other.result.shape == layer.result.shape
        else { return wanted }
        let error = try remaining(other.expected).subtracting(other.result)
        guard let scales = end.scales else { return try wanted.adding(error) }
        let largest = scales.reduce(0) { max($0, abs($1)) }
        let inverse = scales.map { abs($0) < Self.leastScale * largest ? 0 : Float(1 / $0) }
        let shape = [1, inverse.count] + [Int](repeating: 1, count: layer.result.rank - 2)
        let factors = try Tensor(TensorData(Shape(shape), inverse), device: layer.result.device)
        return try wanted.adding(try error.multiplied(by: factors))
    }
}

extension [Reconstruction.Record] {
    /// All in one sentence; `nil` where nothing was fitted.
    package var note: String? {
        guard !isEmpty else { return nil }
        func percent(_ error: KeyPath<Element, Double>) -> String {
            let mean = reduce(0) { $0 + $1[keyPath: error] } / Double(count)
            return "\((mean * 1000).rounded() / 10) %"
        }
        let layers = count == 1 ? "1 layer was" : "\(count) layers were"
        return """
            \(layers) fitted to what the model computed before: the error of their results fell from \
            \(percent(\.errorBefore)) to \(percent(\.errorAfter)) on average
            """
    }
}

/// One layer's problem of least squares.
private struct Fit {
    let layer: PairedWalk.Layer
    let layout: WeightLayout
    /// What takes up the mean of the results, so that the weights need not.
    let offset: LayerOffset?
    let mostInputs: Int

    /// - Returns: The weights, what the layer computes with them, and what is to be added to each output channel.
    func solve(
        _ weight: TensorData, for wanted: Tensor
    ) throws -> (weights: Tensor, result: Tensor, shift: [Float]?) {
        let blocks = PatchBlocks(layout)
        let single = try SingleLayer(layer.node, inputs: layer.inputs)
        var weights = try Tensor(weight, device: wanted.device)
        var result = layer.result
        let fitted = try blocks.view(weights).converted(to: .float64).contiguous()  // [G, K, M]
        let stretches = PatchMoments.stretches(of: fitted.shape[1], limit: mostInputs)
        for inputs in stretches {
            // A bias that is there is part of the results; without one there is nothing that could take up the mean.
            let moments = try PatchMoments(
                of: single, lacking: try wanted.subtracting(result), layout,
                inputs: stretches.count > 1 ? Array(inputs) : nil, isCentred: offset != nil)
            try fitted.narrowed(axis: 1, start: inputs.lowerBound, count: inputs.count).add(
                try ATenOperation("aten::linalg_solve").tensor(.tensor(moments.inputs), .tensor(moments.products), true)
            )
            weights = try blocks.weight(try fitted.converted(to: .float32), of: weight.shape)
            result = try single.run(weight: weights).detached()
        }
        guard offset != nil else { return (weights, result, nil) }
        let shift = try result.meanShortfall(from: wanted)
        return (weights, try result.adding(shift), try shift.data().elements(of: Float.self))
    }
}

extension WeightLayout {
    package var groups: Int {
        switch order {
        case .outputsFirst(let groups), .inputsFirst(let groups): groups
        case .diagonal: 1
        }
    }
}
