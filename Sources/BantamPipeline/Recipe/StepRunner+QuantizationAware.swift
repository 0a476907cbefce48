import BantamGraph
import BantamModel
import BantamQuantization
import BantamTraining

extension StepRunner {
    /// Trains a model for INT8 and quantizes it with what was learned; the model as it is given teaches.
    ///
    /// - Parameter method: Where it is another than the configuration's target profile says.
    func quantizeAware(
        _ graph: Graph, _ aware: QuantizationAwareTraining, method: StaticQuantization? = nil,
        _ observe: (TrainingEvent) throws -> Void
    ) throws -> Outcome {
        if let share = aware.training.freezeAfter, !(0...1).contains(share) {
            throw CompressionError.invalidFreeze(share)
        }
        guard aware.quantization.limits == nil else { throw CompressionError.awarenessWithinLimits }
        let method =
            try method ?? StaticQuantization(profile: try TargetProfiles.profile(named: aware.quantization.target))
        let simulation = try QuantizationSimulation(of: graph, method, keepsNorms: aware.trainsNorms) { deployed in
            try ranges(of: deployed, for: method, aware.quantization, on: try dataToFit())
        }
        let trained = try fit(
            simulation.graph, try objective(ofOriginal: graph, aware.training, aware.distillation), aware.training,
            keepsZeros: true,
            checkpoints: checkpoints, constraints: { [try ScaleFloor(simulation.scales, of: $0)] }, observe)
        var (deployed, plan) = try simulation.deployable(trained.graph)
        try StaticQuantization.apply(plan, to: &deployed)
        return Outcome(graph: deployed, plan: plan, training: trained.training, notes: plan.notes)
    }

    /// Measures the activations of a prepared graph on samples.
    func ranges(
        of graph: Graph, for method: StaticQuantization, _ configuration: StaticQuantizationConfiguration,
        on source: TrainingData
    ) throws -> [String: ActivationRange] {
        let request = CalibrationPass.Request(
            graph: graph, values: try method.statistics(for: graph),
            calibrators: [try Calibrators.calibrator(named: configuration.calibrator)])
        let samples = source.sample(configuration.samples, seed: configuration.seed)
        return try CalibrationPass(context.runtime).statistics(of: [request], on: samples)[0].ranges[0]
    }
}
