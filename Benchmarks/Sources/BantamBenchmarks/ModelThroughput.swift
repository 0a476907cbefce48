import BantamEdge

/// Runs a model file again and again, with as many runs under way at once as the runtime finds best.
struct ModelThroughput {
    private let session: InferenceSession

    /// - Parameter threads: Of all runs together.
    init(path: String, threads: Int) throws {
        session = try InferenceSession(
            contentsOf: path, options: SessionOptions(threads: threads, goal: .throughput))
    }

    func milliseconds(perRunOf count: Int) throws -> Double {
        1000 / (try ThroughputMeasurement.measure(session, length: .iterations(count)).imagesPerSecond)
    }
}
