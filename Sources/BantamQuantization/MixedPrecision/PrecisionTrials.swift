import BantamGraph
import BantamLayerwise
import BantamModel
import BantamStage
import BantamTensor
import BantamTraining

/// Quantizes a graph again and again, with other operators in other precisions, and measures what comes of it.
final class PrecisionTrials {
    /// The operators that are not in INT8, by the names of their nodes.
    typealias Precisions = [String: OperatorPrecision]

    /// Makes up in the float weights for what a plan, and the way other weights are stored, will change.
    typealias Correction = (inout Graph, StaticQuantizationPlan, WeightOnlyPlan) throws -> Void

    struct Choice {
        var exceptions: [PrecisionException] = []
        var sensitivities: [OperatorSensitivity] = []
        /// Why it does not use what a limit allows, if so.
        var slack: String?

        var precisions: Precisions {
            Dictionary(uniqueKeysWithValues: exceptions.map { ($0.node, $0.precision) })
        }
    }

    struct Made {
        var graph: Graph
        var plan: StaticQuantizationPlan
        var storage: WeightOnlyPlan
    }

    private let graph: Graph
    private let method: StaticQuantization
    private let ranges: [String: ActivationRange]
    private let context: StageContext
    private let validation: TrainingData
    private let limits: PrecisionLimits
    private let correct: Correction
    private var drops: [Precisions: Double] = [:]
    /// What was corrected last: a choice that is measured is often the one that is made.
    private var latest: (precisions: Precisions, made: Made)?
    private lazy var gauge = Result { try AccuracyGauge(context.runtime, original: graph, on: samples(limits.samples)) }
    private lazy var ladders = Result { try PrecisionLadder.ladders(in: graph) }

    /// How many samples tell the operators apart; each is run once for each of them.
    private static let sensitivitySamples = 64

    init(
        graph: Graph, method: StaticQuantization, ranges: [String: ActivationRange], in context: StageContext,
        validation: TrainingData, limits: PrecisionLimits, correct: @escaping Correction
    ) {
        self.graph = graph
        self.method = method
        self.ranges = ranges
        self.context = context
        self.validation = validation
        self.limits = limits
        self.correct = correct
    }

    /// The names of the nodes that compute in integers and have MACs; the others follow them.
    func candidates() throws -> [String] {
        let scope = try QuantizationScope(graph)
        let integers = Set(
            try quantized(with: [:], corrects: false).plan.nodes.lazy.filter { $0.placement == .integer }.map(
                \.output))
        return graph.nodes.values.filter { node in
            guard let output = node.mainOutput, integers.contains(graph[output].name) else { return false }
            return scope.macs(of: node) > 0
        }.map(\.name)
    }

    func quantized(with precisions: Precisions, corrects: Bool = true) throws -> Made {
        if corrects, let latest, latest.precisions == precisions { return latest.made }
        var method = method
        method.excludedNodes.formUnion(precisions.keys)
        var plan = StaticQuantizationPlan(profile: method.profile.name)
        do throws(CompressionError) {
            plan = try method.plan(for: graph, ranges: ranges)
        } catch {
            guard error.code == .nothingToCompress, !precisions.isEmpty else { throw error }
        }
        let storage = try storage(of: precisions)
        var quantized = graph
        if corrects { try correct(&quantized, plan, storage) }
        try StaticQuantization.apply(plan, to: &quantized)
        try WeightOnlyQuantization.apply(storage, to: &quantized)
        let made = Made(graph: quantized, plan: plan, storage: storage)
        if corrects { latest = (precisions, made) }
        return made
    }

    private func storage(of precisions: Precisions) throws -> WeightOnlyPlan {
        guard precisions.values.contains(where: { $0 != .float32 }) else {
            return WeightOnlyPlan(weights: [], notes: [])
        }
        let weights = try ladders.get().compactMap { ladder in
            ladder.rungs.first { $0.precision == precisions[ladder.node] }?.stored
        }
        return WeightOnlyPlan(weights: weights, notes: [])
    }

    /// What the exported file loses of the right answers, in points of 100; negative for a gain.
    func drop(with precisions: Precisions) throws -> Double {
        if let known = drops[precisions] { return known }
        let measured = try gauge.get().drop(of: try quantized(with: precisions).graph)
        drops[precisions] = measured
        return measured
    }

    // MARK: Choices

    func fewest(of candidates: [String], losing maximum: Double) throws -> Choice {
        guard try drop(with: [:]) > maximum else { return Choice() }
        let sensitivities = try sensitivities(of: candidates, in: .int8)
        let search = PrecisionSearch(operators: sensitivities.map(\.node))
        guard let fewest = try search.fewest({ try drop(with: Self.float($0)) <= maximum }) else {
            throw CompressionError.unmetDrop(maximum, least: try drop(with: Self.float(Set(candidates))))
        }
        return Self.choice(Self.float(Set(fewest)), sensitivities)
    }

    func best(of candidates: [String], within budget: PruningTarget, of original: Graph) throws -> Choice {
        let most = try budget.most(of: try context.meter.amount(of: budget.quantity, in: original))
        func amount(_ precisions: Precisions) throws -> Double {
            try context.meter.amount(of: budget.quantity, in: try quantized(with: precisions, corrects: false).graph)
        }
        let least = try amount([:])
        if budget.quantity == .fileSize {
            return try fitted(candidates, most: most, needsLess: least > most, fileBytes: amount)
        }
        guard least <= most else { throw CompressionError.unmetBudget(budget.quantity, most, least: least) }
        let sensitivities = try sensitivities(of: candidates, in: .int8)
        let search = PrecisionSearch(operators: harmed(sensitivities).map(\.node))
        let chosen = try search.most { try amount(Self.float($0)) <= most } ?? []
        return Self.choice(Self.float(Set(chosen)), sensitivities)
    }

    /// The precisions that change the answers least, of those whose file has no more than `most` bytes.
    ///
    /// - Parameter needsLess: Whether INT8 alone takes more. Only then four bits come into question: they compute in
    ///   floating point.
    private func fitted(
        _ candidates: [String], most: Double, needsLess: Bool, fileBytes: (Precisions) throws -> Double
    ) throws -> Choice {
        var sensitivities = try sensitivities(of: candidates, in: .int8)
        let harmed = Set(self.harmed(sensitivities).map(\.node))
        if needsLess { sensitivities += try self.sensitivities(of: candidates, in: .int4) }
        let ladders = try ladders.get().filter { candidates.contains($0.node) }.map { ladder in
            let ladder = needsLess ? ladder : ladder.without([.int4])
            return harmed.contains(ladder.node) ? ladder : ladder.without([.float32, .bfloat16])
        }
        let errors = Dictionary(
            uniqueKeysWithValues: sensitivities.map {
                (Measured(node: $0.node, precision: $0.precision), $0.divergence)
            })
        let options = ladders.map { ladder in
            ladder.rungs.map { rung in
                StorageBudget.Option(
                    bytes: rung.bytes, error: errors[Measured(node: ladder.node, precision: rung.precision)] ?? 0)
            }
        }
        func precisions(_ chosen: [Int]) -> Precisions {
            var precisions: Precisions = [:]
            for (ladder, index) in zip(ladders, chosen) where ladder.rungs[index].precision != .int8 {
                precisions[ladder.node] = ladder.rungs[index].precision
            }
            return precisions
        }
        let fitted = try StorageBudget.fitted(options, most: most) { try fileBytes(precisions($0)) }
        guard let (chosen, bytes) = fitted else {
            let least = try fileBytes(precisions(ladders.map { $0.rungs.count - 1 }))
            throw CompressionError.unreachableFileSize(most, least: least)
        }
        var choice = Self.choice(precisions(chosen), sensitivities)
        choice.slack = StorageBudget.note(on: options, chosen, bytes: bytes, most: most)
        return choice
    }

    /// The operators that are worth floating point where limits allow it: not the least sensitive ones, and never all,
    /// since who wants none in INT8 quantizes nothing.
    ///
    /// - Parameter sensitivities: The most sensitive first.
    private func harmed(_ sensitivities: [OperatorSensitivity]) -> ArraySlice<OperatorSensitivity> {
        let negligible = limits.negligibleDivergence ?? PrecisionLimits.usualNegligibleDivergence
        var harmed = sensitivities.dropLast()
        var rest = sensitivities.last?.divergence ?? 0
        while let least = harmed.last, rest + least.divergence <= negligible {
            rest += least.divergence
            harmed.removeLast()
        }
        return harmed
    }

    private struct Measured: Hashable {
        var node: String
        var precision: OperatorPrecision
    }

    private static func float(_ names: Set<String>) -> Precisions {
        Dictionary(uniqueKeysWithValues: names.map { ($0, .float32) })
    }

    /// - Parameter sensitivities: To INT8, the most sensitive first, and behind them those to four bits, if at all.
    private static func choice(_ precisions: Precisions, _ sensitivities: [OperatorSensitivity]) -> Choice {
        let exceptions = sensitivities.compactMap { sensitivity -> PrecisionException? in
            guard let precision = precisions[sensitivity.node],
                sensitivity.precision == (precision == .int4 ? .int4 : .int8)
            else { return nil }
            return PrecisionException(node: sensitivity.node, precision: precision, sensitivity: sensitivity)
        }
        return Choice(exceptions: exceptions, sensitivities: sensitivities)
    }

    // MARK: Sensitivities

    /// The answers of the float model that single operators are judged by.
    private lazy var answers = Result {
        try AnsweredSamples(
            try samples(Self.sensitivitySamples).batches(size: 32), graph: graph, device: context.device,
            precision: .float32)
    }

    /// What each operator does in a precision while the others are in floating point, the most sensitive first.
    private func sensitivities(
        of candidates: [String], in precision: OperatorPrecision
    ) throws -> [OperatorSensitivity] {
        let float = Self.float(Set(candidates))
        return try candidates.map { node in
            var precisions = float
            precisions[node] = precision == .int8 ? nil : precision
            let point = try answers.get().compare(try quantized(with: precisions, corrects: false).graph, name: node)
            return OperatorSensitivity(
                node: node, precision: precision, divergence: point.divergence, agreement: point.agreement)
        }.sorted { ($1.divergence, $0.node) < ($0.divergence, $1.node) }
    }

    private func samples(_ count: Int) -> TrainingData { validation.sample(count, seed: 0) }
}
