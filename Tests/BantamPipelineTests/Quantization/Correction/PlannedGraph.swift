import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport

@testable import BantamQuantization

/// A graph made ready for static quantization, with the plan that its own inputs give.
enum PlannedGraph {
    static func make(
        _ original: Graph, profile: TargetProfile, inputs: [TensorData]
    ) throws -> (graph: Graph, plan: StaticQuantizationPlan, channelMeans: [String: [Float]]) {
        var graph = original
        let quantization = StaticQuantization(profile: profile)
        try quantization.prepare(&graph)
        BiasCorrection.addMissingBiases(to: &graph)
        let request = CalibrationPass.Request(
            graph: graph, values: try quantization.statistics(for: graph), calibrators: [MinMax()],
            channelMeans: try BiasCorrection.statistics(for: graph))
        var statistics = ActivationStatistics(request)
        let values = request.observations.map(\.value)
        let tensors = try inputs.map { try Tensor($0) }
        let taps = try withoutGradients { try Network(graph).forward(tensors, taps: values).taps }
        for (index, observation) in request.observations.enumerated() {
            guard let data = try taps[observation.value]?.data() else { continue }
            try statistics.observe(observation.extent.shown(of: data), at: index, samples: tensors[0].shape[0])
        }
        try statistics.finish()
        let plan = try quantization.plan(for: graph, ranges: statistics.ranges[0])
        return (graph, plan, statistics.channelMeans)
    }
}
