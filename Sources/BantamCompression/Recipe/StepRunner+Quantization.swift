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
        // Whether limits are kept is not measured on what the ranges fit.
        let (kept, heldOut) = try data().holdingOut(0.1, seed: configuration.seed)
        let source = configuration.limits == nil ? try data() : kept
        let sample = source.sample(configuration.samples, seed: configuration.seed)
        try showActivations(of: graph, values, on: sample, type(of: calibrator).extent) { value, data in
            try calibration.observe(data, of: graph[value].name)
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

    /// Runs samples through a graph and shows activations: in the runtime that the caller knows, which is faster and
    /// takes less memory, or in libtorch.
    private func showActivations(
        of graph: Graph, _ values: [ValueID], on samples: TrainingData, _ extent: ModelMeter.Extent,
        _ show: (ValueID, TensorData) throws -> Void
    ) throws {
        if let activations = meter.activations { return try activations(graph, values, samples, extent, show) }
        let network = try Network(graph, device: device)
        try samples.batches(size: 64).forEachBatch(epoch: 0) { batch in
            let inputs = try batch.moved(to: device).inputs
            let taps = try withoutGradients { try network.forward([inputs], taps: values).taps }
            for value in values {
                if let tensor = taps[value] { try show(value, try tensor.data()) }
            }
        }
    }

    /// Quantizes with ranges that are found at run time.
    func quantizeDynamically(_ graph: Graph) throws -> Outcome {
        let prepared = try prepared(graph)
        let plan = try DynamicQuantization().plan(for: prepared)
        return Outcome(graph: try applying(prepared) { try DynamicQuantization.apply(plan, to: &$0) }, plan: plan)
    }
}
