import BantamGraph

extension StepRunner {
    /// Stores weights in fewer bits, in forms that meet a size where there is one.
    func quantizeWeights(of graph: Graph, _ configuration: WeightOnlyConfiguration) throws -> Outcome {
        let prepared = try prepared(graph)
        let method = WeightOnlyQuantization(configuration.form, groupSize: configuration.groupSize)
        let plan: WeightOnlyPlan
        if let limit = configuration.fileSize {
            let target = PruningTarget(.fileSize, limit)
            let most = try target.most(of: try meter.amount(of: .fileSize, in: graph))
            plan = try fitted(method, to: prepared, most: most)
        } else {
            plan = try method.plan(for: prepared)
        }
        return Outcome(
            graph: try applying(prepared) { try WeightOnlyQuantization.apply(plan, to: &$0) }, plan: plan,
            notes: plan.notes)
    }

    /// What the record of the change may add to the file, which is measured without it.
    private static let recordBytes = 1024.0
    /// How often the limit for the weights is corrected by what the file came to.
    private static let corrections = 8

    /// The plan of least error whose file has no more than `most` bytes.
    private func fitted(
        _ method: WeightOnlyQuantization, to graph: Graph, most: Double
    ) throws -> WeightOnlyPlan {
        var notes: [String] = []
        let ladders = try method.choices(for: graph, notes: &notes)
        let options = ladders.map { ladder in
            ladder.map { StorageBudget.Option(bytes: $0.byteCount.bytes, error: $0.relativeError) }
        }
        func plan(_ chosen: [Int]) -> WeightOnlyPlan {
            WeightOnlyPlan(weights: zip(ladders, chosen).map { $0[$1] }, notes: notes)
        }
        func fileBytes(_ plan: WeightOnlyPlan) throws -> Double {
            let stored = try applying(graph) { try WeightOnlyQuantization.apply(plan, to: &$0) }
            return try meter.amount(of: .fileSize, in: stored) + Self.recordBytes
        }
        var limit = Int.max
        for _ in 0..<Self.corrections {
            guard let chosen = StorageBudget.choose(options, limit: limit) else { break }
            let plan = plan(chosen)
            let bytes = try fileBytes(plan)
            guard bytes > most else { return plan }
            // Besides its numbers a weight takes a node or two, of which the options say nothing.
            limit = plan.byteCount.bytes - Int((bytes - most).rounded(.up))
        }
        throw CompressionError.unreachableFileSize(most, least: try fileBytes(plan(ladders.map { $0.count - 1 })))
    }
}
