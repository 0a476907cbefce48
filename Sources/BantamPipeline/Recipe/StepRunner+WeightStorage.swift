import BantamGraph
import BantamModel
import BantamQuantization

extension StepRunner {
    /// Stores weights in fewer bits, in forms that meet a size where there is one.
    func quantizeWeights(of graph: Graph, _ configuration: WeightOnlyConfiguration) throws -> Outcome {
        let prepared = try graph.preparedForInference()
        let method = WeightOnlyQuantization(configuration.form, groupSize: configuration.groupSize)
        let plan: WeightOnlyPlan
        if let limit = configuration.fileSize {
            let target = PruningTarget(.fileSize, limit)
            let most = try target.most(of: try context.meter.amount(of: .fileSize, in: graph))
            plan = try fitted(method, to: prepared, most: most)
        } else {
            plan = try method.plan(for: prepared)
        }
        return Outcome(
            graph: try applying(prepared) { try WeightOnlyQuantization.apply(plan, to: &$0) }, plan: plan,
            notes: plan.notes)
    }

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
        func fileBytes(_ chosen: [Int]) throws -> Double {
            let stored = try applying(graph) { try WeightOnlyQuantization.apply(plan(chosen), to: &$0) }
            return try context.meter.amount(of: .fileSize, in: stored)
        }
        guard let (chosen, bytes) = try StorageBudget.fitted(options, most: most, fileBytes: fileBytes) else {
            throw CompressionError.unreachableFileSize(most, least: try fileBytes(ladders.map { $0.count - 1 }))
        }
        if let note = StorageBudget.note(on: options, chosen, bytes: bytes, most: most) {
            notes.append(note)
        }
        return plan(chosen)
    }
}
