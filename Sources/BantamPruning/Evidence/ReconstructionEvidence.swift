public import BantamGraph
import BantamLayerwise
import BantamModel
import BantamNetwork
public import BantamTensor
public import BantamTraining

/// What removing a channel costs once the layers that read it are fitted to those that stay, as ``Reconstruction`` does.
///
/// For each layer that reads a group, channels are removed one after another, always the one whose loss the others can
/// make up for best. With the inverse `P` of the inputs' second moments and the weight `w` fitted so far, to lose the
/// inputs `S` adds `tr(w_S' P_SS^-1 w_S)` to the square of the layer's error, and changes `w` by `-P_:S P_SS^-1 w_S`. So
/// the order and the error of every number of channels come from one matrix, without a run for each. In a layer of very many
/// inputs, neighbouring channels alone make up for each other. Where samples are few, the error is in part that on the
/// patches which `PatchMoments` takes to be.
///
/// Errors are shares of the mean square of what the layer's result becomes a part of (`LayerEnd`): in a residual block
/// of the sum, so that blocks can be compared.
///
/// - Reference: Hassibi and Stork, *Second Order Derivatives for Network Pruning: Optimal Brain Surgeon*, NIPS 1992;
///   Kurtic, Frantar and Alistarh, *ZipLM*, NeurIPS 2023, for whole structures.
public struct ReconstructionEvidence: Sendable {
    private var errors: [ChannelGroup: [[Double]]] = [:]

    /// - Parameters:
    ///   - graph: The model, with float32 weights.
    ///   - groups: The groups to measure.
    ///   - source: Samples; the first of them that there is memory for are looked at, without labels.
    ///   - observe: Is told the share of the layers that are done, 0...1.
    /// - Throws: `noTrainingData` when there is no batch; `notFinite`; errors of the data and of libtorch.
    /// - Complexity: O(K^3) for each layer of K inputs (a channel's kernel counts as so many); O(K) from some thousands on.
    public init(
        of graph: Graph, groups: [ChannelGroup], on source: some BatchSource, device: Device = .cpu,
        observe: (Double) throws -> Void = { _ in }
    ) throws {
        try self.init(
            of: graph, groups: groups, on: source, device: device, mostInputs: PatchMoments.mostInputs,
            observe: observe)
    }

    /// - Parameter mostInputs: That make up for each other.
    init(
        of graph: Graph, groups: [ChannelGroup], on source: some BatchSource, device: Device = .cpu, mostInputs: Int,
        observe: (Double) throws -> Void = { _ in }
    ) throws {
        let scope = try QuantizationScope(graph)
        let readers = Self.readers(of: groups, in: scope)
        let inputs = try Self.samples(from: source, count: PairedWalk.batchSize(for: graph), device: device)
        // Of layers, by the value whose mean square they are shares of.
        var pending: [ValueID: [(group: ChannelGroup, row: [Double])]] = [:]
        var done = 0
        try withoutGradients {
            var walk = try GraphWalk(graph, [inputs], device: device)
            for node in graph.nodes.values {
                try walk.run(node)
                defer { walk.release(after: node) }
                guard let output = node.mainOutput, let result = walk[output] else { continue }
                if let reader = readers[node.id] {
                    let layer = try SingleLayer(node, inputs: try walk.inputs(of: node))
                    for (part, row) in zip(reader.parts, try reader.errors(in: layer, result, scope, mostInputs)) {
                        pending[reader.end.value, default: []].append((part.group, row))
                    }
                    // The layers differ in size, and none needs what another has freed.
                    try MemoryMeter(device).releaseKept()
                    done += 1
                    try observe(Double(done) / Double(readers.count))
                }
                guard let rows = pending.removeValue(forKey: output) else { continue }
                let square = try result.meanSquare().item()
                for (group, row) in rows {
                    errors[group, default: []].append(square > 0 ? row.map { $0 / square } : row)
                }
            }
        }
    }

    /// One row for each layer that reads the group and can be fitted: by channel, what its removal adds to the error, and
    /// at least what those removed before it added.
    public func errors(of group: ChannelGroup) -> [[Double]] { errors[group] ?? [] }

    private static func samples(
        from source: some BatchSource, count: Int, device: Device
    ) throws -> Tensor {
        var batches: [Tensor] = []
        var left = count
        try source.forEachBatch(epoch: 0) { batch in
            guard left > 0 else { return }
            let taken = min(left, batch.inputs.shape[0])
            batches.append(try batch.inputs.narrowed(axis: 0, start: 0, count: taken).moved(to: device))
            left -= taken
        }
        guard !batches.isEmpty else { throw CompressionError.noTrainingData }
        return try Tensor.concatenate(batches)
    }

    /// By node, the layers that read a group and can be fitted.
    private static func readers(of groups: [ChannelGroup], in scope: QuantizationScope) -> [NodeID: Reader] {
        var readers: [NodeID: Reader] = [:]
        for group in groups {
            for member in group.consumers {
                guard let id = member.node, let node = scope.graph.nodes[id], SingleLayer.hasPatches(node),
                    SingleLayer.isUnscaled(node), let layout = WeightLayout(of: node, in: scope),
                    layout.weight == member.value, layout.groups == 1,
                    member.axis == (layout.order == .outputsFirst(groups: 1) ? 1 : 0),
                    let end = LayerEnd(of: node, in: scope.graph, scope.types)
                else { continue }
                readers[id, default: Reader(layout: layout, end: end)].parts.append((group, member))
            }
        }
        return readers
    }
}

/// A layer that reads channels of groups.
private struct Reader {
    let layout: WeightLayout
    let end: LayerEnd
    /// What it reads.
    var parts: [(group: ChannelGroup, member: ChannelGroup.Member)] = []

    /// Channels that go at a time are one of so many of the group, at least one.
    private static let steps = 64

    /// - Parameters:
    ///   - result: What the layer computes.
    ///   - mostInputs: That make up for each other.
    /// - Returns: For each of the parts, by channel, the mean square over the results of what its removal adds to the error;
    ///   never less than that of a channel removed before.
    func errors(
        in layer: SingleLayer, _ result: Tensor, _ scope: QuantizationScope, _ mostInputs: Int
    ) throws -> [[Double]] {
        guard let data = scope.graph.constants[layout.weight] else { return [] }
        guard data.withFloats({ $0.allSatisfy(\.isFinite) }) else {
            throw CompressionError.notFinite(weight: scope.graph[layout.weight].name)
        }
        var weight = try PatchBlocks(layout).view(try Tensor(data, device: result.device)).converted(to: .float64)
            .reshaped(to: [inputCount, layout.outputCount])
        if let scales = end.scales {
            let factors = try Tensor(TensorData([1, scales.count], scales), device: result.device)
            weight = try weight.multiplied(by: factors)
        }
        let isCentred = LayerOffset(layout, end, in: scope) != nil
        func moments(of inputs: [Int]?) throws -> Tensor {
            let moments = try PatchMoments(of: layer, lacking: result, layout, inputs: inputs, isCentred: isCentred)
            guard try moments.inputs.sum().item().isFinite, try moments.products.sum().item().isFinite else {
                throw CompressionError.notFinite(activation: layer.node.label)
            }
            return try moments.inputs.reshaped(to: [moments.inputs.shape[1], -1])
        }
        let whole = inputCount <= mostInputs ? try moments(of: nil) : nil
        return try parts.map { part in
            // The inputs of each channel.
            let own = (0..<part.group.channelCount).map { channel in
                part.member.indices(of: channel).flatMap { $0 * layout.kernelSize..<($0 + 1) * layout.kernelSize }
            }
            let others = whole == nil ? [] : Set(0..<inputCount).subtracting(own.joined()).sorted()
            return try PatchMoments.stretches(
                of: own.count, inputs: own[0].count, limit: mostInputs
            ).flatMap { channels in
                // The channels' inputs first, one channel after another.
                let order = own[channels].flatMap(\.self) + others
                let sorted =
                    try whole?.selecting(order, axis: 0).selecting(order, axis: 1) ?? moments(of: order)
                return try eliminated(
                    count: channels.count, extent: own[0].count,
                    inverse: try ATenOperation("aten::linalg_inv").tensor(.tensor(sorted)),
                    weight: try weight.selecting(order, axis: 0)
                ).map { $0 / Double(layout.outputCount) }
            }
        }
    }

    private var inputCount: Int { layout.inputCount * layout.kernelSize }

    /// Removes all channels, the cheapest first.
    ///
    /// - Parameters:
    ///   - count: Of channels, `C`.
    ///   - extent: Inputs of each, `S`.
    ///   - inverse: Of the second moments, `[K, K]`; the first `C x S` rows are the channels'.
    ///   - weight: `[K, M]`
    private func eliminated(count: Int, extent: Int, inverse: Tensor, weight: Tensor) throws -> [Double] {
        let solve = ATenOperation("aten::linalg_solve")
        var (inverse, weight) = (try inverse.contiguous(), weight)
        var errors = [Double](repeating: 0, count: count)
        // What has gone has no rows any more.
        var left = Array(0..<count)
        var most = 0.0
        while true {
            let total = inverse.shape[0]
            let blocks = try ATenOperation("aten::as_strided").tensor(
                .tensor(inverse), .ints([left.count, extent, extent]), .ints([extent * (total + 1), total, 1]), .none)
            let slices = try weight.narrowed(axis: 0, start: 0, count: left.count * extent)
                .reshaped(to: [left.count, extent, -1])
            let costs = try Threads.withOne {
                try solve.tensor(.tensor(blocks), .tensor(slices), true).multiplied(by: slices)
                    .sum(axes: [1, 2]).data().elements(of: Double.self)
            }
            let ranked = left.indices.sorted { (costs[$0], left[$0]) < (costs[$1], left[$1]) }
            let chosen = ranked.prefix(max(count / Self.steps, 1))
            for place in chosen {
                most = max(most, costs[place])
                errors[left[place]] = most
            }
            let gone = Set(chosen)
            guard gone.count < left.count else { return errors }
            let rows = gone.sorted().flatMap { $0 * extent..<($0 + 1) * extent }
            let kept =
                left.indices.filter { !gone.contains($0) }.flatMap { $0 * extent..<($0 + 1) * extent }
                + (left.count * extent..<total)
            left = left.indices.filter { !gone.contains($0) }.map { left[$0] }
            let across = try inverse.selecting(rows, axis: 0)  // [R, K]
            let within = try across.selecting(rows, axis: 1)  // [R, R]
            let lost = try across.selecting(kept, axis: 1)  // [R, K']
            let down = try lost.permuted([1, 0])
            weight = try weight.selecting(kept, axis: 0).subtracting(
                try down.multiplied(
                    byMatrix: try solve.tensor(
                        .tensor(within), .tensor(try weight.selecting(rows, axis: 0)), true)))
            inverse = try inverse.selecting(kept, axis: 0).selecting(kept, axis: 1).subtracting(
                try down.multiplied(byMatrix: try solve.tensor(.tensor(within), .tensor(lost), true))
            ).contiguous()
        }
    }
}
