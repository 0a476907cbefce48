public import BantamGraph

/// How long one run of a model takes, from having the input in memory to having the outputs.
///
/// In JSON the times are in milliseconds.
public struct LatencyMeasurement: Hashable, Sendable {
    public var median: Duration
    /// The 95th percentile.
    public var p95: Duration
    public var iterations: Int
    /// Images, or clips, in one run.
    public var batchSize: Int
    /// Images, or clips, a second over all runs, one after another.
    public var imagesPerSecond: Double

    public init(_ samples: DurationSamples, batchSize: Int) {
        median = samples.median
        p95 = samples.quantile(0.95)
        iterations = samples.count
        self.batchSize = batchSize
        imagesPerSecond = Double(batchSize * samples.count) / samples.total.seconds
    }

    /// Times runs one after another.
    ///
    /// - Parameters:
    ///   - inputs: By position; `nil` for ``InferenceSession/exampleInputs(batchSize:)`` with a batch of one.
    ///   - warmUp: Runs before the first that counts: they compile the model and fill the caches.
    public static func measure(
        _ session: InferenceSession, inputs: [TensorData]? = nil, warmUp: Int = 10,
        length: MeasurementLength = .duration(.seconds(1))
    ) throws(EdgeError) -> LatencyMeasurement {
        let inputs = try session.inputs(or: inputs)
        for _ in 0..<warmUp { _ = try session.run(inputs) }
        let samples = try time(length: length) { () throws(EdgeError) in _ = try session.run(inputs) }
        return LatencyMeasurement(samples, batchSize: inputs.first?.shape.dimensions.first ?? 1)
    }

    /// Times `work` again and again.
    static func time<Failure: Error>(
        length: MeasurementLength, _ work: () throws(Failure) -> Void
    ) throws(Failure) -> DurationSamples {
        let clock = ContinuousClock()
        let start = clock.now
        var last = start
        var durations: [Duration] = []
        repeat {
            try work()
            let now = clock.now
            durations.append(now - last)
            last = now
        } while !length.isReached(iterations: durations.count, elapsed: last - start)
        return DurationSamples(durations)
    }
}

extension LatencyMeasurement: Codable {
    private enum CodingKeys: String, CodingKey {
        case median = "medianMilliseconds"
        case p95 = "p95Milliseconds"
        // A sample may be a clip.
        case imagesPerSecond = "samplesPerSecond"
        case iterations, batchSize
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        median = Duration(milliseconds: try container.decode(Double.self, forKey: .median))
        p95 = Duration(milliseconds: try container.decode(Double.self, forKey: .p95))
        iterations = try container.decode(Int.self, forKey: .iterations)
        batchSize = try container.decode(Int.self, forKey: .batchSize)
        imagesPerSecond = try container.decode(Double.self, forKey: .imagesPerSecond)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(median.milliseconds, forKey: .median)
        try container.encode(p95.milliseconds, forKey: .p95)
        try container.encode(iterations, forKey: .iterations)
        try container.encode(batchSize, forKey: .batchSize)
        try container.encode(imagesPerSecond, forKey: .imagesPerSecond)
    }
}

extension InferenceSession {
    /// Inputs to measure with: the same numbers in -1..<1 each time; zeros where an input takes integers.
    ///
    /// - Parameter batchSize: For a first dimension that is free.
    /// - Throws: `shapeMismatch` when another dimension is free as well: give ``SessionOptions/inputShapes``.
    public func exampleInputs(batchSize: Int = 1) throws(EdgeError) -> [TensorData] {
        var result: [TensorData] = []
        for port in inputs {
            var dimensions = port.dimensions
            if dimensions?.first == .some(nil) { dimensions?[0] = batchSize }
            let filled = TensorPort(name: port.name, dtype: port.dtype, dimensions: dimensions)
            guard let shape = filled.shape else { throw .freeDimensions(port, path: path) }
            result.append(.noise(TensorType(port.dtype, shape)))
        }
        return result
    }

    /// `given`, or a batch of one example.
    func inputs(or given: [TensorData]?) throws(EdgeError) -> [TensorData] {
        if let given { return given }
        return try exampleInputs()
    }
}

extension TensorData {
    /// Numbers in -1..<1 from a linear congruential generator (Knuth's MMIX constants); zeros for integers.
    fileprivate static func noise(_ type: TensorType) -> TensorData {
        guard type.dtype == .float32 else { return TensorData(zeros: type) }
        var state: UInt64 = 1
        let elements = (0..<type.shape.elementCount).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / 8_388_608 - 1
        }
        return TensorData(type.shape, elements)
    }
}
