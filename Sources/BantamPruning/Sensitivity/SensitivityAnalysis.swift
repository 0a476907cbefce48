public import BantamGraph
public import BantamModel
import BantamNetwork
public import BantamTensor
public import BantamTraining

/// Finds out how much of each layer a model can do without.
///
/// One group of channels at a time loses a growing part, the least important first, and the samples are run through
/// what is left. The channels are really removed, so that normalizations over channels see what a pruned model sees.
///
/// ```swift
/// let report = try SensitivityAnalysis.report(on: graph, with: batches, .init(fractions: [0.25, 0.5]))
/// print(report.layersToProtect)
/// ```
///
/// Li et al., *Pruning Filters for Efficient ConvNets*, ICLR 2017, section 3.2.
public enum SensitivityAnalysis {
    public struct Configuration: Codable, Hashable, Sendable {
        /// Of a group's channels, each above 0 and below 1. One channel always stays.
        public var fractions: [Double]
        /// The name of an ``ImportanceCriterion``.
        public var criterion: String
        public var reduction: GroupReduction
        /// See ``SensitivityReport/tolerance``.
        public var tolerance: Double
        /// In which the models run, the unpruned one too.
        public var precision: ArithmeticPrecision
        /// What attention layers lose.
        public var attention: AttentionChannels

        public static let usualFractions = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

        public init(
            fractions: [Double] = usualFractions, criterion: String = L1Norm.name, reduction: GroupReduction = .mean,
            tolerance: Double = 0.01, precision: ArithmeticPrecision = .float32,
            attention: AttentionChannels = .headDimensions
        ) {
            self.fractions = fractions
            self.criterion = criterion
            self.reduction = reduction
            self.tolerance = tolerance
            self.precision = precision
            self.attention = attention
        }
    }

    public enum Event: Sendable {
        /// The unpruned model has been run; these layers follow.
        case started(SensitivityReport, layers: [String])
        /// The share of the work that is done, 0...1.
        case advanced(Double)
        /// One more group is in the report.
        case measured(SensitivityReport)
    }

    /// Measures every group that can be pruned.
    ///
    /// - Parameters:
    ///   - source: Some hundred samples, which are held in memory. Where they have no labels, the unpruned model's
    ///     answers stand for them.
    ///   - observe: Is told each result as it comes. What it throws ends the analysis.
    /// - Throws: `invalidTarget` for fractions outside of 0...1; `nothingToCompress` with the obstacles; `notFinite`;
    ///   `noScores` when the first output holds no class scores; errors of the data and of libtorch.
    /// - Complexity: O(groups · fractions) runs over the samples; cuts of the same number of channels are run once.
    public static func report(
        on graph: Graph, with source: some BatchSource, _ configuration: Configuration = .init(),
        device: Device = .cpu, observe: (Event) throws -> Void = { _ in }
    ) throws -> SensitivityReport {
        try check(configuration)
        let groups = try prunableGroups(of: graph, configuration.attention)
        let samples = try AnsweredSamples(source, graph: graph, device: device, precision: configuration.precision)
        let orders = try removalOrders(of: groups, in: graph, samples, configuration)
        var report = SensitivityReport(
            criterion: configuration.criterion, samples: samples.count, accuracy: samples.accuracy,
            tolerance: configuration.tolerance, groups: [])
        try observe(.started(report, layers: groups.map(\.label)))
        let fractions = configuration.fractions.sorted()
        for (position, group) in groups.enumerated() {
            var points: [SensitivityReport.Point] = []
            for (index, fraction) in fractions.enumerated() {
                let removed = min(Int((fraction * Double(group.channelCount)).rounded()), group.channelCount - 1)
                var point =
                    points.last { $0.removed == removed }
                    ?? SensitivityReport.Point(fraction: fraction, removed: 0, samples.untouched)
                if removed > 0, point.removed != removed {
                    let smaller = try removing(orders[position].prefix(removed), of: group, from: graph)
                    point = SensitivityReport.Point(
                        fraction: fraction, removed: removed, try samples.compare(smaller, name: group.label))
                }
                point.fraction = fraction
                points.append(point)
                let done = Double(position) + Double(index + 1) / Double(fractions.count)
                try observe(.advanced(done / Double(groups.count)))
            }
            report.append(
                layer: group.label, name: group.protectableName(in: graph), channels: group.channelCount,
                points: points)
            try observe(.measured(report))
        }
        return report
    }

    private static func check(_ configuration: Configuration) throws(CompressionError) {
        for fraction in configuration.fractions where !(fraction > 0 && fraction < 1) {
            throw .invalidSensitivity(fraction: fraction)
        }
        guard !configuration.fractions.isEmpty else { throw .noFractions }
        guard (0...1).contains(configuration.tolerance) else { throw .invalidTolerance(configuration.tolerance) }
    }

    private static func prunableGroups(
        of graph: Graph, _ attention: AttentionChannels
    ) throws(CompressionError) -> [ChannelGroup] {
        let groups: [ChannelGroup]
        do {
            groups = try ChannelGroups(of: graph, attention: attention).groups
        } catch {
            throw .invalidGraph(error)
        }
        let prunable = groups.filter { $0.isPrunable && $0.channelCount > 1 }
        guard !prunable.isEmpty else {
            throw .noPrunableGroup(groups.map { "\($0.label): \($0.obstacle ?? "it is a single channel")" })
        }
        return prunable
    }

    /// The channels of each group, the least important first.
    private static func removalOrders(
        of groups: [ChannelGroup], in graph: Graph, _ samples: AnsweredSamples, _ configuration: Configuration
    ) throws -> [[Int]] {
        let criterion = try ImportanceCriteria.named(configuration.criterion)
        let evidence = try ImportanceEvidence(
            type(of: criterion).evidence, of: graph, groups: groups, on: samples,
            objective: samples.isLabelled
                ? CrossEntropy() : PseudoLabels(of: NetworkTeacher(graph, device: samples.device)),
            device: samples.device)
        let scores = try groups.map { configuration.reduction(try criterion.scores(of: $0, from: evidence)) }
        guard scores.contains(where: { !$0.isEmpty }) else {
            throw CompressionError.noPrunableGroup(
                groups.map { "\($0.label): it has nothing for \(configuration.criterion) to judge by" })
        }
        return zip(groups, scores).map { group, scores in
            // A criterion with nothing to say of a group leaves its channels in their order.
            return (0..<group.channelCount).sorted { left, right in
                scores.isEmpty ? left < right : (scores[left], left) < (scores[right], right)
            }
        }
    }

    private static func removing(
        _ channels: some Sequence<Int>, of group: ChannelGroup, from graph: Graph
    ) throws(CompressionError) -> Graph {
        do {
            return try graph.removingChannels([ChannelRemoval(group, channels: channels)])
        } catch {
            throw .invalidGraph(error)
        }
    }
}

extension ChannelGroup {
    /// A name by which ``PruningLimits/protectedLayers`` finds the group.
    fileprivate func protectableName(in graph: Graph) -> String {
        let producer = producers.first { $0.node != nil } ?? producers[0]
        let node = producer.node.map { graph[$0].name } ?? ""
        return node.isEmpty ? graph[producer.value].name : node
    }
}
