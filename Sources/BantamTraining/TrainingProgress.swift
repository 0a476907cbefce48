import BantamGraph
import BantamNetwork
import BantamTensor
import OrderedCollections

/// Everything that changes while a network trains: what a checkpoint stores.
struct TrainingProgress {
    let network: Network
    let configuration: TrainingConfiguration
    let optimizer: any Optimizer
    let average: WeightAverage?
    var stopping: EarlyStopping?
    /// Complete epochs and steps.
    var epoch = 0
    var step = 0
    var lastLoss = 0.0
    var isStopped = false
    var history: [EpochRecord] = []
    var divergence: DivergenceGuard
    /// How often the training was rolled back, and what the schedule's rates are multiplied by since.
    var rollbacks = 0
    var rateFactor = 1.0
    private(set) var bestEpoch: Int?
    /// The weights of the best epoch so far, by constant.
    private var best: Graph?
    private let origin: String?

    init(
        _ network: Network, _ configuration: TrainingConfiguration, divergence: DivergenceGuard = DivergenceGuard(),
        origin: String? = nil
    ) throws {
        self.network = network
        self.divergence = divergence
        self.configuration = configuration
        self.origin = origin
        optimizer = try configuration.optimizer.optimizer(
            for: network.parameters, rates: configuration.rates(in: network.graph))
        average =
            configuration.averageDecay > 0 ? try WeightAverage(of: network, decay: configuration.averageDecay) : nil
        stopping = configuration.earlyStopping ?? (configuration.keepsBest ? EarlyStopping(patience: .max) : nil)
    }

    /// Runs `body` while the network holds the weights that would be exported.
    func withExportedWeights<Result>(_ body: () throws -> Result) throws -> Result {
        guard let average else { return try body() }
        try average.swapWithNetwork()
        let result = Swift.Result(catching: body)
        try average.swapWithNetwork()
        return try result.get()
    }

    /// Follows what early stopping makes of an epoch.
    ///
    /// - Returns: Whether it is the one to keep so far.
    mutating func observe(_ record: EpochRecord) throws -> Bool {
        guard let score = record.score, score.isFinite, let action = stopping?.observe(score: score) else {
            return false
        }
        if action == .stop { isStopped = true }
        guard action == .keepBest || isAsGood(record) else { return false }
        best = try withExportedWeights { try network.snapshot() }
        bestEpoch = record.epoch
        return true
    }

    /// Whether an epoch is within a standard error of the best before it, and better than the start.
    ///
    /// A hundred samples tell 94 from 96 % no better than a coin does, and the highest of many such figures is mostly luck;
    /// of epochs that they cannot tell apart the last has learned for longest, at the lowest rate. Breiman et al.,
    /// *Classification and Regression Trees*, 1984, choose by the same rule.
    private func isAsGood(_ record: EpochRecord) -> Bool {
        guard let accuracy = record.heldOutAccuracy, let count = record.heldOutSamples, count > 0 else { return false }
        let earlier = history.filter { $0.epoch < record.epoch }
        guard let best = earlier.compactMap(\.heldOutAccuracy).max(), best < 1,
            record.score ?? -1 > earlier.first(where: { $0.epoch == 0 })?.score ?? -1
        else { return false }
        return accuracy >= best - (best * (1 - best) / Double(count)).squareRoot()
    }

    /// Leaves the weights to export in the network.
    func finish() throws {
        if let best {
            try network.load(best)
        } else {
            try average?.swapWithNetwork()
        }
    }

    // MARK: Checkpoints

    func checkpoint() throws -> Checkpoint {
        var tensors: OrderedDictionary<String, TensorData> = [:]
        let graph = try network.snapshot()
        for value in graph.parameters + graph.statistics {
            tensors["model/\(graph[value].name)"] = graph.constants[value]
        }
        for (name, tensor) in optimizer.state { tensors["optimizer/\(name)"] = try tensor.data() }
        for (name, tensor) in average?.state ?? [] { tensors["average/\(name)"] = try tensor.data() }
        if let best {
            for value in best.parameters + best.statistics {
                tensors["best/\(best[value].name)"] = best.constants[value]
            }
        }
        return Checkpoint(
            facts: Checkpoint.Facts(
                epoch: epoch, step: step, lastLoss: lastLoss, stopping: stopping, configuration: configuration,
                origin: origin, history: history, bestEpoch: bestEpoch, rollbacks: rollbacks, rateFactor: rateFactor),
            tensors: tensors)
    }

    mutating func restore(_ checkpoint: Checkpoint) throws {
        let facts = checkpoint.facts
        guard configuration.continues(facts.configuration) else { throw TrainingError.otherConfiguration }
        if let origin, let other = facts.origin, origin != other { throw TrainingError.otherOrigin }
        let weights = checkpoint.tensors(under: "model/")
        guard network.graph.hasConstants(like: weights) else { throw TrainingError.otherModel }
        (epoch, step, lastLoss) = (facts.epoch, facts.step, facts.lastLoss)
        (history, bestEpoch) = (facts.history ?? [], facts.bestEpoch)
        (rollbacks, rateFactor) = (facts.rollbacks ?? 0, facts.rateFactor ?? 1)
        stopping = facts.stopping
        isStopped = stopping?.isOutOfPatience ?? false
        try network.load(network.graph.replacingConstants(with: weights))
        try optimizer.restore(checkpoint.tensors(under: "optimizer/"))
        try average?.restore(checkpoint.tensors(under: "average/"), steps: step)
        let bestTensors = checkpoint.tensors(under: "best/")
        if !bestTensors.isEmpty { best = network.graph.replacingConstants(with: bestTensors) }
    }
}

extension Graph {
    /// Whether the graph has parameters and statistics of these names and types, and no others.
    fileprivate func hasConstants(like tensors: [String: TensorData]) -> Bool {
        let own = parameters + statistics
        return own.count == tensors.count
            && own.allSatisfy { constants[$0]?.type == tensors[self[$0].name]?.type }
    }

    /// The graph with the constants of these names replaced.
    fileprivate func replacingConstants(with tensors: [String: TensorData]) -> Graph {
        var copy = self
        for (name, data) in tensors {
            if let value = copy.value(named: name) { copy.setConstant(value, to: data) }
        }
        return copy
    }
}
