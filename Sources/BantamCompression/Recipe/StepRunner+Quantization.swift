import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTraining

extension StepRunner {
    /// Quantizes with ranges measured on training samples.
    func quantize(_ graph: Graph, _ configuration: StaticQuantizationConfiguration) throws -> Outcome {
        let method = StaticQuantization(profile: try TargetProfiles.profile(named: configuration.target))
        var graph = graph
        try method.prepare(&graph)
        let values = try method.statistics(for: graph)
        let calibrator = try Calibrators.calibrator(named: configuration.calibrator)
        var calibration = Calibration(of: values.map { graph[$0].name }, with: calibrator)
        let network = try Network(graph, device: device)
        // Whether limits are kept is not measured on what the ranges fit.
        let (kept, heldOut) = try data().holdingOut(0.1, seed: configuration.seed)
        let source = configuration.limits == nil ? try data() : kept
        let sample = source.sample(configuration.samples, seed: configuration.seed)
        try sample.batches(size: 64).forEachBatch(epoch: 0) { batch in
            let inputs = try batch.moved(to: device).inputs
            let result = try withoutGradients { try network.forward([inputs], taps: values) }
            for value in values {
                if let tensor = result.taps[value] { try calibration.observe(try tensor.data(), of: graph[value].name) }
            }
        }
        if let limits = configuration.limits {
            let (result, choice) = try quantize(
                graph, method, ranges: try calibration.ranges(), within: limits, validation: heldOut)
            return Outcome(graph: result, plan: choice, notes: choice.plan.notes + choice.notes)
        }
        let plan = try method.plan(for: graph, ranges: try calibration.ranges())
        try StaticQuantization.apply(plan, to: &graph)
        return Outcome(graph: graph, plan: plan, notes: plan.notes)
    }

    /// Quantizes with ranges that are found at run time.
    func quantizeDynamically(_ graph: Graph) throws -> Outcome {
        let prepared = try prepared(graph)
        let plan = try DynamicQuantization().plan(for: prepared)
        return Outcome(graph: try applying(prepared) { try DynamicQuantization.apply(plan, to: &$0) }, plan: plan)
    }
}
