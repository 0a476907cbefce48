import BantamEdge
import BantamGraph

/// Whether a file runs faster than the one it was made from, and where it does not.
struct SpeedCheck: Encodable {
    struct SlowerLayer: Encodable {
        var name: String
        var microsecondsBefore: Int
        var microsecondsAfter: Int
    }

    /// How many times as fast the new file is, one sample at a time on the same threads.
    var speedup: Double
    var threads: Int
    /// What takes longer than before, the worst first; empty where the file is faster.
    var slowerLayers: [SlowerLayer]
    /// Whether the original takes so little time that most of it is not spent in its layers.
    var isMostlyOverhead: Bool

    /// Shorter runs, in all, tell more of the runtime than of the model.
    private static let shortestTelling = Duration.microseconds(200)
    private static let namedLayers = 5

    /// Times both in turns.
    init(_ path: String, against original: String, options: SessionOptions) throws(EdgeError) {
        let comparison = try Self.comparison(
            try InferenceSession(contentsOf: path, options: options),
            against: try InferenceSession(contentsOf: original, options: options))
        speedup = comparison.speedup
        threads = options.threads ?? 0
        isMostlyOverhead = Self.isTooShortToTell(comparison)
        slowerLayers = []
        guard speedup <= 1 else { return }
        let before = try Self.layers(of: original, options)
        slowerLayers = try Self.layers(of: path, options).compactMap { name, time in
            guard let past = before[name], past < time else { return nil }
            return SlowerLayer(name: name, microsecondsBefore: past, microsecondsAfter: time)
        }
        slowerLayers.sort {
            ($1.microsecondsAfter - $1.microsecondsBefore, $0.name)
                < ($0.microsecondsAfter - $0.microsecondsBefore, $1.name)
        }
        slowerLayers = Array(slowerLayers.prefix(Self.namedLayers))
    }

    static func comparison(
        _ session: InferenceSession, against original: InferenceSession
    ) throws(EdgeError) -> LatencyComparison {
        try LatencyComparison.measure(original, session, pairs: 5, turn: .milliseconds(30))
    }

    static func isTooShortToTell(_ comparison: LatencyComparison) -> Bool {
        comparison.first.sorted()[comparison.first.count / 2] < shortestTelling
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

    /// - Parameter original: The file it was compared with.
    func text(against original: String) -> String {
        let setting = threads == 0 ? "one sample" : "one sample, \(threads) thread\(threads == 1 ? "" : "s")"
        let figure = "\(speedup.rounded(places: 2)) times as fast as \(original) (\(setting))"
        guard speedup <= 1 else { return "  speed       \(figure)" }
        var lines = ["  speed       not faster: \(figure)"]
        for layer in slowerLayers {
            lines.append("    \(layer.name): \(layer.microsecondsBefore) -> \(layer.microsecondsAfter) us")
        }
        lines.append(
            isMostlyOverhead
                ? "    so small a model spends most of its time outside its layers"
                : "    --channel-multiple 8, 16 or 32 keeps as many channels as the hardware works on at once")
        return lines.joined(separator: "\n")
    }
}
