import BantamGraph
import BantamModel
import BantamPipeline
import BantamQuantization
import BantamStage
import BantamTestSupport
import BantamTraining
import Testing

/// Calibration by a runtime that the caller brings along.
@Suite struct CalibrationInRuntimeTests {
    private let samples = BandSamples()

    private func plan(
        _ calibrator: String, showing data: @escaping (Observation.Extent) -> TensorData
    ) throws -> StaticQuantizationPlan {
        let runtime = ScriptedRuntime(shown: { observation, graph in
            guard observation.extent == .channelMeans else { return data(observation.extent) }
            let channels = try ShapeInference(of: graph)[observation.value]?.shape[1] ?? 0
            return TensorData([channels], [Float](repeating: 0, count: channels))
        })
        let outcome = try StepRunner(data: try samples.data(), in: StageContext(runtime: runtime)).perform(
            // The runtime here knows nothing but activations: outputs are not compared.
            .quantizeStatic(.init(calibrator: calibrator, samples: 20, improves: false)), on: samples.classifier())
        return try #require((outcome.plan as? StaticQuantizationRecord)?.plan)
    }

    @Test(arguments: ["min-max", "moving-average"]) func `Statistics of bounds ask for bounds only`(
        calibrator: String
    ) throws {
        let plan = try plan(calibrator) { extent in
            #expect(extent == .bounds)
            return TensorData([2], [-3, 5] as [Float])
        }
        #expect(plan.activations.allSatisfy { $0.range == ActivationRange(-3, 5) })
    }

    @Test(arguments: ["entropy", "mse", "percentile"]) func `Statistics of distributions ask for all elements`(
        calibrator: String
    ) throws {
        _ = try plan(calibrator) { extent in
            #expect(extent == .elements)
            return TensorData([4], [-3, 0, 1, 5] as [Float])
        }
    }

    @Test func `Bounds that are no numbers are refused by name`() throws {
        let error = #expect(throws: CompressionError.self) {
            _ = try plan("min-max") { _ in TensorData([2], [.nan, 5] as [Float]) }
        }
        #expect(error?.code == .notFinite)
    }
}
