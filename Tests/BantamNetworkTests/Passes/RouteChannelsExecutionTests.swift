import BantamGraph
import BantamTestSupport
import Testing

/// Models whose channels are joined, cut and shuffled at random compute the same when they are routed.
@Suite struct RouteChannelsExecutionTests {
    @Test(arguments: 0..<40) func `Random routes lead to the same result`(seed: Int) throws {
        let graph = Self.model(seed: UInt64(seed))
        var routed = graph
        let result = try RouteChannels().run(on: &routed)
        routed.checkInvariants()
        // A layer may read a channel twice; then the shuffles stay.
        #expect(result.changes > 0 || !result.notes.isEmpty || !graph.hasShuffle)
        if result.notes.isEmpty { #expect(!routed.hasShuffle) }
        let inputs = graph.sampleInputs()
        #expect(try routed.run(inputs)[0].difference(from: try graph.run(inputs)[0]) == nil)
    }

    @Test func `Most random routes can be taken`() throws {
        let taken = try (0..<40).count { seed in
            var graph = Self.model(seed: UInt64(seed))
            return try RouteChannels().run(on: &graph).changes > 0
        }
        #expect(taken > 20)
    }

    private static func model(seed: UInt64) -> Graph {
        var random = SeededGenerator(seed: seed)
        var build = GraphBuilder(name: "routes\(seed)")
        let image = build.image(3, 8, 8)
        /// What is there to be read, with its channels.
        var ends: [(value: ValueID, channels: Int)] = (0..<Int.random(in: 1...3, using: &random)).map { index in
            let channels = [4, 6, 8].randomElement(using: &random) ?? 4
            let layer = build.convolution(image, "stem\(index)", from: 3, to: channels)
            return (build.batchNorm(layer, "norm\(index)", channels: channels), channels)
        }
        for step in 0..<Int.random(in: 2...9, using: &random) {
            let chosen = ends.indices.randomElement(using: &random) ?? 0
            let (value, channels) = ends[chosen]
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where channels > 1:
                let cut = Int.random(in: 1..<channels, using: &random)
                let sizes = build.constant(
                    "split\(step).sizes", TensorData([2], [Int64(cut), Int64(channels - cut)]))
                let parts = build.nodes(
                    "Split", [value, sizes], name: "split\(step)", outputs: 2, attributes: ["axis": .int(1)])
                ends[chosen] = (parts[0], cut)
                ends.append((parts[1], channels - cut))
            case 1 where ends.count > 1:
                ends.remove(at: chosen)
                let other = ends.remove(at: ends.indices.randomElement(using: &random) ?? 0)
                ends.append((build.concat([value, other.value], "concat\(step)"), channels + other.channels))
            case 2:
                let layer = build.convolution(value, "unit\(step)", from: channels, to: 6)
                // Sometimes what it read is read again.
                if Bool.random(using: &random) { ends.append((layer, 6)) } else { ends[chosen] = (layer, 6) }
            case 3:
                // A residual connection, where one fits.
                let fitting = ends.indices.filter { $0 != chosen && ends[$0].channels == channels }
                guard let other = fitting.randomElement(using: &random) else { continue }
                ends[chosen].value = build.node("Add", [value, ends[other].value], name: "add\(step)")
            default:
                let groups = (1...channels).filter { channels.isMultiple(of: $0) }.randomElement(using: &random) ?? 1
                let shuffled = build.shuffle(value, "shuffle\(step)", channels: channels, groups: groups)
                ends[chosen] = (shuffled, channels)
            }
        }
        var sum: ValueID?
        for (index, end) in ends.enumerated() {
            let filtered = build.convolution(
                end.value, "depthwise\(index)", from: end.channels, to: end.channels, groups: end.channels)
            let last = build.convolution(filtered, "last\(index)", from: end.channels, to: 4)
            sum = sum.map { build.node("Add", [$0, last], name: "sum\(index)") } ?? last
        }
        build.output(build.head(sum ?? image, channels: 4), name: "output")
        return build.graph
    }
}

extension Graph {
    fileprivate var hasShuffle: Bool { nodes.values.contains { $0.operatorName == "Transpose" } }
}
