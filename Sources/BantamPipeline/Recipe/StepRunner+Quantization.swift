import BantamGraph
import BantamQuantization
import BantamTraining

extension StepRunner {
    /// Quantizes with ranges measured on training samples.
    func quantize(
        _ graph: Graph, _ configuration: StaticQuantizationConfiguration, _ observe: (TrainingEvent) throws -> Void
    ) throws -> Outcome {
        let result = try PostTrainingQuantization(configuration, data: try data(), in: context)
            .run(on: graph) { part, share in try observe(.working(part: part, share: share)) }
        return Outcome(graph: result.graph, plan: result.plan, notes: result.notes)
    }

    /// Quantizes with ranges that are found at run time.
    func quantizeDynamically(_ graph: Graph) throws -> Outcome {
        let prepared = try graph.preparedForInference()
        let plan = try DynamicQuantization().plan(for: prepared)
        return Outcome(
            graph: try applying(prepared) { try DynamicQuantization.apply(plan, to: &$0) }, plan: plan,
            notes: plan.notes)
    }
}
