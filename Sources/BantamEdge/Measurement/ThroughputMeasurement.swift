public import BantamGraph

/// How many images, or clips, pass in a second when several runs are under way at once.
public struct ThroughputMeasurement: Hashable, Sendable, Codable {
    /// Images, or clips.
    public var imagesPerSecond: Double
    /// The runs under way at once.
    public var requests: Int
    /// Images, or clips, in one run.
    public var batchSize: Int
    public var runs: Int

    private enum CodingKeys: String, CodingKey {
        // A sample may be a clip.
        case imagesPerSecond = "samplesPerSecond"
        case requests, batchSize, runs
    }

    /// Keeps every request of a session busy for a while.
    ///
    /// Open the session with ``SessionOptions/Goal/throughput``; one that aims at latency has a single stream, so
    /// its requests wait for each other.
    ///
    /// - Parameters:
    ///   - inputs: By position, the same for each run; `nil` for ``InferenceSession/exampleInputs(batchSize:)``.
    ///   - requests: `nil` for the number the runtime finds best.
    public static func measure(
        _ session: InferenceSession, inputs: [TensorData]? = nil, requests: Int? = nil,
        length: MeasurementLength = .duration(.seconds(1))
    ) throws(EdgeError) -> ThroughputMeasurement {
        let inputs = try session.inputs(or: inputs)
        let variant = try session.variant(for: inputs)
        let count = if let requests { requests } else { try variant.bestRequestCount() }
        var lanes: [InferenceRequest] = []
        for _ in 0..<max(count, 1) {
            let lane = try variant.makeRequest()
            try lane.bind(inputs)
            lanes.append(lane)
        }
        // The first run of a request allocates its buffers.
        for lane in lanes { try lane.start() }
        for lane in lanes { try lane.wait() }

        let clock = ContinuousClock()
        let start = clock.now
        var runs = 0
        for lane in lanes { try lane.start() }
        repeat {
            for lane in lanes {
                try lane.wait()
                _ = try lane.outputs()
                try lane.start()
            }
            runs += lanes.count
        } while !length.isReached(iterations: runs, elapsed: clock.now - start)
        for lane in lanes { try lane.wait() }
        let seconds = (clock.now - start).seconds
        runs += lanes.count

        let batchSize = inputs.first?.shape.dimensions.first ?? 1
        return ThroughputMeasurement(
            imagesPerSecond: Double(runs * batchSize) / seconds, requests: lanes.count, batchSize: batchSize,
            runs: runs)
    }
}
