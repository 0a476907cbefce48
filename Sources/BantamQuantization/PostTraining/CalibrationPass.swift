package import BantamGraph
package import BantamModel
import BantamNetwork
package import BantamTensor
package import BantamTraining

/// Collects all statistics of graphs that were asked for.
///
/// Each sample runs through every graph once, and each calibrator is shown what came.
package struct CalibrationPass {
    /// Statistics of one graph's activations.
    package struct Request {
        package var graph: Graph
        /// Of which the ranges are asked for.
        package var values: [ValueID]
        package var calibrators: [any Calibrator]
        /// Of which the channels' means are asked for.
        package var channelMeans: [ValueID]

        package init(
            graph: Graph, values: [ValueID], calibrators: [any Calibrator], channelMeans: [ValueID] = []
        ) {
            self.graph = graph
            self.values = values
            self.calibrators = calibrators
            self.channelMeans = channelMeans
        }

        package var observations: [Observation] {
            let needsOnlyBounds = calibrators.allSatisfy { type(of: $0).extent == .bounds }
            return values.map { Observation($0, needsOnlyBounds ? .bounds : .elements) }
                + channelMeans.map { Observation($0, .channelMeans) }
        }
    }

    private let runtime: any Runtime

    package init(_ runtime: any Runtime = TorchRuntime()) {
        self.runtime = runtime
    }

    /// - Parameter observe: Is told which share is done, 0...1.
    /// - Returns: The statistics of each request.
    /// - Throws: `noCalibrationData`, `notFinite`; errors of the data and of the runtime.
    package func statistics(
        of requests: [Request], on data: TrainingData, observe: (Double) throws -> Void = { _ in }
    ) throws -> [ActivationStatistics] {
        var statistics = requests.map(ActivationStatistics.init)
        for (index, request) in requests.enumerated() {
            let observations = request.observations
            let batches = try data.batches(size: runtime.batchSize(for: request.graph, observing: observations))
                .loader.batches(epoch: 0)
            var done = 0
            try runtime.observe(observations, in: request.graph) {
                let batch = try batches.next()
                try observe((Double(index) + Double(done) / Double(data.count)) / Double(requests.count))
                done += batch?.inputs.shape.dimensions.first ?? 0
                return batch?.inputs
            } show: {
                try statistics[index].observe($1, at: $0, samples: $2)
            }
            try statistics[index].finish()
        }
        return statistics
    }
}

extension Tensor {
    /// Loaded samples in the type that the model's input has: bytes for a model that takes pixels.
    package func fitting(_ graph: Graph) throws(TorchError) -> Tensor {
        guard let dtype = graph.inputs.first?.dtype, dtype != self.dtype, dtype == .uint8 else { return self }
        return try converted(to: dtype)
    }
}
