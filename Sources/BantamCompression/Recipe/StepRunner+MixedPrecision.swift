import BantamGraph
import BantamTensor
import BantamTraining

/// A model that is quantized as far as limits allow.
struct MixedPrecision: Codable, Sendable {
    var plan: StaticQuantizationPlan
    /// The nodes that the limits put back to floating point, the most sensitive first.
    var putBack: [OperatorSensitivity]
    /// What was measured to choose them; empty where it was not necessary.
    var sensitivities: [OperatorSensitivity]
    /// In points of 100; `nil` where no drop was asked for.
    var drop: Double?

    /// What was chosen, a sentence a line.
    var notes: [String] {
        var notes = putBack.map {
            "\($0.node) stays in floating point: INT8 there alone changes "
                + "\(CompressionError.number((1 - $0.agreement) * 100)) % of the answers "
                + "(divergence \(CompressionError.number($0.divergence)))."
        }
        if let drop { notes.append("The drop on held-out samples is \(CompressionError.number(drop)) points.") }
        return notes
    }
}

extension StepRunner {
    /// Quantizes what the limits allow.
    ///
    /// Each operator's sensitivity is measured on its own, by simulation; whether a choice of operators keeps to the
    /// limits is measured on the file that it gives.
    ///
    /// - Parameters:
    ///   - graph: Prepared for quantization.
    ///   - ranges: Of all activations that `method` asks for.
    ///   - validation: Samples that the ranges were not measured on.
    ///   - correct: Makes up for the errors of a plan in the float weights; not done to compare single operators.
    /// - Throws: `unreachableTarget` when the limits leave no operator to compute in integers, or not enough.
    func quantize(
        _ graph: Graph, _ method: StaticQuantization, ranges: [String: ActivationRange], within limits: PrecisionLimits,
        validation: TrainingData, correct: @escaping (inout Graph, StaticQuantizationPlan) throws -> Void = { _, _ in }
    ) throws -> (graph: Graph, choice: MixedPrecision) {
        let trials = PrecisionTrials(
            graph: graph, method: method, ranges: ranges, meter: meter, device: device, validation: validation,
            limits: limits, correct: correct)
        let candidates = try trials.candidates()
        let chosen =
            switch (limits.budget, limits.maximumDrop) {
            case (let budget?, _): try trials.most(of: candidates, within: budget)
            case (nil, let maximum?): try trials.fewest(of: candidates, losing: maximum)
            case (nil, nil): PrecisionTrials.Choice()
            }
        guard chosen.putBack.count < candidates.count else {
            throw CompressionError.nothingWithinLimits(candidates.count)
        }
        let excluded = Set(chosen.putBack.map(\.node))
        let drop = try limits.maximumDrop.map { _ in try trials.drop(without: excluded) }
        if let drop, let maximum = limits.maximumDrop, drop > maximum {
            throw CompressionError.unmetDrop(maximum, least: drop)
        }
        let (result, plan) = try trials.quantized(without: excluded)
        return (
            result,
            MixedPrecision(plan: plan, putBack: chosen.putBack, sensitivities: chosen.sensitivities, drop: drop)
        )
    }
}

/// Quantizes a graph again and again, with other operators left out, and measures what comes of it.
private final class PrecisionTrials {
    struct Choice {
        var putBack: [OperatorSensitivity] = []
        var sensitivities: [OperatorSensitivity] = []
    }

    private let graph: Graph
    private let method: StaticQuantization
    private let ranges: [String: ActivationRange]
    private let meter: ModelMeter
    private let device: Device
    private let validation: TrainingData
    private let limits: PrecisionLimits
    private let correct: (inout Graph, StaticQuantizationPlan) throws -> Void
    private var drops: [Set<String>: Double] = [:]
    /// What was corrected last: a choice that is measured is often the one that is made.
    private var latest: (excluded: Set<String>, made: (graph: Graph, plan: StaticQuantizationPlan))?
    private lazy var gauge = Result { try AccuracyGauge(meter, original: graph, on: samples(limits.samples)) }

    /// How many samples tell the operators apart; each is run once for each of them.
    private static let sensitivitySamples = 64

    init(
        graph: Graph, method: StaticQuantization, ranges: [String: ActivationRange], meter: ModelMeter, device: Device,
        validation: TrainingData, limits: PrecisionLimits,
        correct: @escaping (inout Graph, StaticQuantizationPlan) throws -> Void
    ) {
        self.graph = graph
        self.method = method
        self.ranges = ranges
        self.meter = meter
        self.device = device
        self.validation = validation
        self.limits = limits
        self.correct = correct
    }

    /// The names of the nodes that compute in integers and have MACs; the others follow them.
    func candidates() throws -> [String] {
        let scope = try QuantizationScope(graph)
        let integers = Set(
            try quantized(without: [], corrects: false).plan.nodes.lazy.filter { $0.placement == .integer }.map(
                \.output))
        return graph.nodes.values.filter { node in
            guard let output = node.mainOutput, integers.contains(graph[output].name) else { return false }
            return scope.macs(of: node) > 0
        }.map(\.name)
    }

    func quantized(
        without excluded: Set<String>, corrects: Bool = true
    ) throws -> (graph: Graph, plan: StaticQuantizationPlan) {
        if corrects, let latest, latest.excluded == excluded { return latest.made }
        var method = method
        method.excludedNodes.formUnion(excluded)
        let plan: StaticQuantizationPlan
        do throws(CompressionError) {
            plan = try method.plan(for: graph, ranges: ranges)
        } catch {
            guard error.code == .nothingToCompress, !excluded.isEmpty else { throw error }
            return (graph, StaticQuantizationPlan(profile: method.profile.name))
        }
        var quantized = graph
        if corrects { try correct(&quantized, plan) }
        try StaticQuantization.apply(plan, to: &quantized)
        if corrects { latest = (excluded, (quantized, plan)) }
        return (quantized, plan)
    }

    /// What the exported file loses of the right answers, in points of 100; negative for a gain.
    func drop(without excluded: Set<String>) throws -> Double {
        if let known = drops[excluded] { return known }
        let measured = try gauge.get().drop(of: try quantized(without: excluded).graph)
        drops[excluded] = measured
        return measured
    }

    func fewest(of candidates: [String], losing maximum: Double) throws -> Choice {
        guard try drop(without: []) > maximum else { return Choice() }
        let sensitivities = try sensitivities(of: candidates)
        let search = PrecisionSearch(operators: sensitivities.map(\.node))
        guard let fewest = try search.fewest({ try drop(without: $0) <= maximum }) else {
            throw CompressionError.unmetDrop(maximum, least: try drop(without: Set(candidates)))
        }
        return Choice(putBack: sensitivities.filter { fewest.contains($0.node) }, sensitivities: sensitivities)
    }

    func most(of candidates: [String], within budget: PruningTarget) throws -> Choice {
        let most = try budget.most(of: try meter.amount(of: budget.quantity, in: graph))
        func amount(_ excluded: Set<String>) throws -> Double {
            try meter.amount(of: budget.quantity, in: try quantized(without: excluded, corrects: false).graph)
        }
        let least = try amount([])
        guard least <= most else { throw CompressionError.unmetBudget(budget.quantity, most, least: least) }
        let sensitivities = try sensitivities(of: candidates)
        // One stays at least: who wants none quantizes nothing.
        let search = PrecisionSearch(operators: sensitivities.dropLast().map(\.node))
        let chosen = try search.most { try amount($0) <= most } ?? []
        return Choice(putBack: Array(sensitivities.prefix(chosen.count)), sensitivities: sensitivities)
    }

    /// The most sensitive first.
    private func sensitivities(of candidates: [String]) throws -> [OperatorSensitivity] {
        let samples = try AnsweredSamples(
            try samples(Self.sensitivitySamples).batches(size: 32), graph: graph, device: device, precision: .float32)
        let all = Set(candidates)
        return try candidates.map { node in
            let alone = try quantized(without: all.subtracting([node]), corrects: false).graph
            let point = try samples.compare(alone, name: node)
            return OperatorSensitivity(node: node, divergence: point.divergence, agreement: point.agreement)
        }.sorted { ($1.divergence, $0.node) < ($0.divergence, $1.node) }
    }

    private func samples(_ count: Int) -> TrainingData { validation.sample(count, seed: 0) }
}

/// Measures how many right answers the files of changed models lose.
private struct AccuracyGauge {
    private let answers: ModelMeter.AnswerMeter
    private let data: TrainingData
    /// What is right: the labels, or the original's answers.
    private let truth: [Int?]
    private let original: Double

    init(_ meter: ModelMeter, original graph: Graph, on data: TrainingData) throws {
        guard let answers = meter.answers else { throw CompressionError.noMeterOfAnswers }
        self.answers = answers
        self.data = data
        let own = try answers(graph, data)
        truth = data.isLabelled ? data.labels : own
        original = Self.share(of: own, in: truth)
    }

    /// In points of 100; negative for a gain.
    func drop(of graph: Graph) throws -> Double {
        (original - Self.share(of: try answers(graph, data), in: truth)) * 100
    }

    private static func share(of answers: [Int?], in truth: [Int?]) -> Double {
        Double(zip(answers, truth).count { $0 != nil && $0 == $1 }) / Double(max(truth.count, 1))
    }
}
