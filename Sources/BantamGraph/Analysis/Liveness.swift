/// When each value of a graph must be in memory, and how much that needs at most.
///
/// Nodes run one at a time in the graph's order. A value is live from the node that computes it to the last that
/// reads it: both are in memory while a node runs. Graph inputs are live from the start, outputs until the end,
/// views (`Reshape`, `Flatten`, ...) cost nothing but keep what they show alive, and constants are not counted:
/// ``CostSummary/weightBytes`` is their memory.
///
/// This is the least memory that a runtime needs which frees values at once and computes nothing in place.
public struct Liveness: Sendable {
    /// The largest sum of live values.
    public let peak: ByteCount
    /// The first node at which the peak is reached; `nil` for a graph without nodes.
    public let peakNode: NodeID?
    /// The values that are in memory then, largest first.
    public let liveAtPeak: [ValueID]

    /// - Parameter sizes: The sizes of free dimensions, by name. Those not named are 1.
    /// - Throws: the first violation found by ``ShapeInference``.
    public init(of graph: Graph, sizes: [String: Int] = [:]) throws(GraphError) {
        self.init(of: graph, types: try ShapeInference(of: graph, sizes: sizes))
    }

    /// - Complexity: O(nodes + edges).
    public init(of graph: Graph, types: ShapeInference) {
        let spans = Self.spans(of: graph)
        let steps = graph.nodes.count
        func bytes(_ value: ValueID) -> Int { types[value]?.byteCount.bytes ?? 0 }

        // change[i]: the bytes that begin to live at step i, less those that ended at step i - 1.
        var change = [Int](repeating: 0, count: steps + 1)
        for (value, span) in spans {
            change[span.lowerBound] += bytes(value)
            if span.upperBound < steps { change[span.upperBound + 1] -= bytes(value) }
        }
        var live = 0
        var peak = (step: 0, bytes: 0)
        for step in 0..<max(steps, 1) {
            live += change[step]
            if live > peak.bytes { peak = (step, live) }
        }
        self.peak = ByteCount(peak.bytes)
        peakNode = steps == 0 ? nil : graph.nodes.keys[peak.step]
        liveAtPeak = spans.filter { $0.value.contains(peak.step) }.map(\.key)
            .sorted { (bytes($1), $0) < (bytes($0), $1) }
    }

    /// The first and the last step at which each value that owns memory is live.
    private static func spans(of graph: Graph) -> [ValueID: ClosedRange<Int>] {
        let aliases = ValueAliases(in: graph)
        var spans: [ValueID: ClosedRange<Int>] = [:]
        for input in graph.inputs { spans[input.value] = 0...0 }
        func use(_ value: ValueID, at step: Int) {
            let root = aliases.root(of: value)
            guard graph.constants[root] == nil else { return }
            spans[root] = min(spans[root]?.lowerBound ?? step, step)...max(spans[root]?.upperBound ?? step, step)
        }
        for (step, node) in graph.nodes.values.enumerated() {
            for value in (node.inputs + node.outputs).compactMap(\.self) { use(value, at: step) }
        }
        let last = max(graph.nodes.count - 1, 0)
        for output in graph.outputs { use(output, at: last) }
        return spans
    }
}
