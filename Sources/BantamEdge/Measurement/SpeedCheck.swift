/// Whether a file runs faster than the one it was made from, and where it does not.
public struct SpeedCheck: Codable, Hashable, Sendable {
    /// A layer that takes longer than before, though it may have less to do.
    public struct SlowerLayer: Codable, Hashable, Sendable {
        public var name: String
        public var microsecondsBefore: Int
        public var microsecondsAfter: Int
    }

    /// How many times as fast the new file is, one sample at a time on the same threads.
    public var speedup: Double
    /// Threads that both ran on; 0 for the runtime's own choice.
    public var threads: Int
    /// What takes longer than before, the worst first; empty where the file is faster.
    public var slowerLayers: [SlowerLayer]
    /// Whether the original takes so little time that most of it is not spent in its layers.
    public var isMostlyOverhead: Bool

    public var isFaster: Bool { speedup > 1 }

    /// Shorter runs, in all, tell more of the runtime than of the model.
    private static let shortestTelling = Duration.microseconds(200)
    private static let namedLayers = 5

    /// Times both in turns.
    public init(_ path: String, against original: String, options: SessionOptions) throws(EdgeError) {
        let comparison = try Self.comparison(
            try InferenceSession(contentsOf: path, options: options),
            against: try InferenceSession(contentsOf: original, options: options))
        speedup = comparison.speedup
        threads = options.threads ?? 0
        isMostlyOverhead = Self.isTooShortToTell(comparison)
        slowerLayers = []
        guard !isFaster else { return }
        slowerLayers = Self.slowerLayers(
            before: try Self.layers(of: original, options), after: try Self.layers(of: path, options))
    }

    public static func comparison(
        _ session: InferenceSession, against original: InferenceSession
    ) throws(EdgeError) -> LatencyComparison {
        try LatencyComparison.measure(original, session, pairs: 9, turn: .milliseconds(30))
    }

    /// Whether the first of the two is so fast that the ratio says little of the layers.
    public static func isTooShortToTell(_ comparison: LatencyComparison) -> Bool {
        DurationSamples(comparison.first).median < shortestTelling
    }

    /// Those that take longer than before, by name and with times in microseconds: the few that lose most.
    static func slowerLayers(before: [String: Int], after: [String: Int]) -> [SlowerLayer] {
        let slower = after.compactMap { name, time in
            before[name].flatMap { past in
                past < time ? SlowerLayer(name: name, microsecondsBefore: past, microsecondsAfter: time) : nil
            }
        }
        let worstFirst = slower.sorted {
            ($1.microsecondsAfter - $1.microsecondsBefore, $0.name)
                < ($0.microsecondsAfter - $0.microsecondsBefore, $1.name)
        }
        return Array(worstFirst.prefix(namedLayers))
    }

    /// What each layer takes, in microseconds: the shortest of a few runs.
    private static func layers(of path: String, _ options: SessionOptions) throws(EdgeError) -> [String: Int] {
        var options = options
        options.recordsLayerTimes = true
        let session = try InferenceSession(contentsOf: path, options: options)
        let inputs = try session.exampleInputs(batchSize: 1)
        var shortest: [String: Int] = [:]
        for _ in 0..<5 {
            _ = try session.run(inputs)
            for layer in try session.layerTimes() {
                shortest[layer.name] = min(layer.microseconds, shortest[layer.name] ?? .max)
            }
        }
        return shortest
    }
}
