public import BantamEdge
public import BantamGraph
public import BantamModel

/// Measures models beside the one that they are made from, run by the edge runtime as the files that they would become.
public struct FileMeter: CostMeter {
    private let original: Graph
    private let originalBytes: ByteCount
    private let options: SessionOptions
    private let makeSize: (Graph) throws -> ByteCount
    private let timing: ReferenceTiming

    /// - Parameters:
    ///   - original: The model that others come from.
    ///   - originalBytes: What its file takes: a share of it is one of what it takes as it is, without what will be added.
    ///   - options: How models are run.
    ///   - fileSize: What another model's file takes, with all that it will hold.
    public init(
        original: Graph, originalBytes: ByteCount, options: SessionOptions = SessionOptions(),
        fileSize: @escaping (Graph) throws -> ByteCount
    ) {
        self.original = original
        self.originalBytes = originalBytes
        self.options = options
        makeSize = fileSize
        timing = ReferenceTiming { try InferenceSession(try original.preparedForInference(), options: options) }
    }

    public func fileSize(of graph: Graph) throws -> ByteCount {
        graph == original ? originalBytes : try makeSize(graph)
    }

    public func latency(of graph: Graph) throws -> Duration {
        guard graph != original else { return try timing.measured().latency }
        return try timing.latency(of: try session(of: graph))
    }

    public func speedup(over original: Graph) throws -> (_ other: Graph) throws -> Double? {
        // What the runtime here does not take cannot be timed.
        let original = try? session(of: original)
        return { other in
            guard let original, let other = try? session(of: other),
                let comparison = try? SpeedCheck.comparison(other, against: original),
                !SpeedCheck.isTooShortToTell(comparison)
            else { return nil }
            return comparison.speedup
        }
    }

    private func session(of graph: Graph) throws -> InferenceSession {
        try InferenceSession(try graph.preparedForInference(), options: options)
    }
}

/// Times models beside one that stays the same, so that none is called slow because the machine was.
private final class ReferenceTiming {
    private let makeReference: () throws -> InferenceSession
    private var reference: (session: InferenceSession, latency: Duration)?

    /// - Parameter makeReference: Called when a time is first asked for.
    init(_ makeReference: @escaping () throws -> InferenceSession) {
        self.makeReference = makeReference
    }

    /// The time of one sample: the reference's, as it was once measured, by how many times faster the session is now.
    func latency(of session: InferenceSession) throws -> Duration {
        let reference = try measured()
        // Many short turns: one in which the machine was busy elsewhere does not count then.
        let comparison = try LatencyComparison.measure(
            reference.session, session, pairs: 15, turn: .milliseconds(15))
        return reference.latency / comparison.speedup
    }

    func measured() throws -> (session: InferenceSession, latency: Duration) {
        if let reference { return reference }
        let session = try makeReference()
        let measurement = try LatencyMeasurement.measure(session, warmUp: 20, length: .duration(.milliseconds(700)))
        reference = (session, measurement.median)
        return (session, measurement.median)
    }
}
