public import BantamGraph
import BantamModel
import BantamNetwork
public import BantamTensor
public import BantamTraining

/// How much the loss depends on each channel, measured with gradients on some batches of data.
///
/// Batches are looked at one after the other, and what is kept is two numbers for each channel: memory does not grow
/// with the data.
public struct LossEvidence: Sendable {
    /// As many samples tell channels apart well enough.
    public static let usualSampleCount = 512

    /// What the loss would change by if a channel were gone. Unit: loss.
    public struct Changes: Sendable {
        /// `|Σ w · ∂L/∂w|`, one entry for each channel.
        public var firstOrder: [Double]
        /// `½ Σ w² · (∂L/∂w)²`
        public var secondOrder: [Double]
    }

    private var changes: [ChannelGroup: Changes] = [:]

    /// - Parameters:
    ///   - graph: The model, with float32 weights.
    ///   - groups: The groups to measure.
    ///   - source: ``usualSampleCount`` samples or so, with what the objective needs.
    ///   - objective: What the model was trained for; ``/BantamTraining/PseudoLabels`` for data without labels.
    /// - Throws: `notFinite` when the loss or a gradient is; `noCalibrationData` when there is no batch; errors of the
    ///   data and of libtorch.
    public init(
        of graph: Graph, groups: [ChannelGroup], on source: some BatchSource, objective: any Objective = CrossEntropy(),
        device: Device = .cpu, observe: (Double) throws -> Void = { _ in }
    ) throws {
        let network = try Network(graph, device: device)
        let tensors = Dictionary(network.parameters.map { ($0.value, $0.tensor) }) { first, _ in first }
        var sums = groups.map { ChannelSums(of: $0, parameters: Set(tensors.keys)) }
        var batchCount = 0
        try source.forEachBatch(epoch: 0) { batch in
            let batch = try batch.moved(to: device)
            // Inference mode: the model to be pruned is the one that is deployed.
            let result = try network.forward([batch.inputs], taps: objective.taps)
            let loss = try objective.loss(of: result, on: batch)
            guard try loss.detached().item().isFinite else { throw CompressionError.notFiniteLoss(of: graph.name) }
            try loss.backward()
            try withoutGradients {
                var products: [ValueID: Tensor] = [:]
                for parameter in network.parameters {
                    guard let gradient = parameter.tensor.gradient else { continue }
                    products[parameter.value] = try parameter.tensor.multiplied(by: gradient)
                    try parameter.tensor.setGradient(nil)
                }
                for index in sums.indices { try sums[index].add(products) }
            }
            batchCount += 1
            try observe(Double(batchCount) / Double(max(source.batchCount, 1)))
        }
        guard batchCount > 0 else { throw CompressionError.noTrainingData }
        for (group, sums) in zip(groups, sums) {
            let mean = sums.mean(over: batchCount)
            guard (mean.firstOrder + mean.secondOrder).allSatisfy(\.isFinite) else {
                throw CompressionError.notFiniteLoss(of: group.label)
            }
            changes[group] = mean
        }
    }

    /// The changes for the channels of a group; `nil` for one that was not measured.
    public func changes(of group: ChannelGroup) -> Changes? { changes[group] }
}

/// The products of weights and gradients of one group, summed over batches.
private struct ChannelSums {
    private let group: ChannelGroup
    private let members: [ChannelGroup.Member]
    private var firstOrder: [Double]
    private var secondOrder: [Double]

    init(of group: ChannelGroup, parameters: Set<ValueID>) {
        self.group = group
        members = group.members.filter { $0.part != .activation && parameters.contains($0.value) }
        firstOrder = [Double](repeating: 0, count: group.channelCount)
        secondOrder = firstOrder
    }

    mutating func add(_ products: [ValueID: Tensor]) throws {
        var sums = [Double](repeating: 0, count: group.channelCount)
        for member in members {
            guard let product = products[member.value] else { continue }
            let linear = try product.summed(exceptAlong: member.axis)
            let squared = try product.multiplied(by: product).summed(exceptAlong: member.axis)
            for channel in sums.indices {
                for index in member.indices(of: channel) {
                    sums[channel] += linear[index]
                    secondOrder[channel] += squared[index] / 2
                }
            }
        }
        for channel in sums.indices { firstOrder[channel] += abs(sums[channel]) }
    }

    func mean(over count: Int) -> LossEvidence.Changes {
        LossEvidence.Changes(
            firstOrder: firstOrder.map { $0 / Double(count) }, secondOrder: secondOrder.map { $0 / Double(count) })
    }
}

extension Tensor {
    /// One sum for each index along `axis`.
    fileprivate func summed(exceptAlong axis: Int) throws -> [Double] {
        let others = (0..<shape.rank).filter { $0 != axis }
        let sums = others.isEmpty ? self : try sum(axes: others)
        return try sums.converted(to: .float64).data().elements(of: Double.self)
    }
}
