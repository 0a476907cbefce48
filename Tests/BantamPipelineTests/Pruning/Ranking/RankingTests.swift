import BantamGraph
import BantamPruning
import BantamTestSupport
import Testing

@Suite struct RankingTests {
    private typealias Configuration = StructuredPruning.Configuration

    static let reduced: [(GroupReduction, [Double])] = [
        (.mean, [2, 3]), (.sum, [4, 6]), (.max, [3, 4]), (.product, [3, 8]), (.first, [1, 4]),
    ]

    @Test(arguments: reduced)
    func `A reduction makes one score of a channel's column`(reduction: GroupReduction, expected: [Double]) {
        #expect(reduction([[1, 4], [3, 2]]) == expected)
        #expect(reduction([[5, 7]]) == [5, 7])
        #expect(reduction([]).isEmpty)
    }

    /// What becomes of 1, 2 and 3.
    static let normalized: [(ScoreNormalizer, [Double])] = [
        (.none, [1, 2, 3]), (.mean, [0.5, 1, 1.5]), (.max, [0.333_333_333_333_333_3, 0.666_666_666_666_666_6, 1]),
        (.sum, [0.166_666_666_666_666_6, 0.333_333_333_333_333_3, 0.5]),
        (.standardization, [0, 1.224_744_871_391_589, 2.449_489_742_783_178]),
    ]

    @Test(arguments: normalized)
    func `A normalizer rescales a group's scores`(normalizer: ScoreNormalizer, expected: [Double]) {
        for (score, expected) in zip(normalizer([1, 2, 3]), expected) { #expect(abs(score - expected) < 1e-12) }
        #expect(normalizer([0, 0]) == [0, 0])
    }

    /// Three layers of four channels in a row: the first with small weights, the second with large ones; the second and
    /// third have kernels of 3.
    private func unevenLayers() -> Graph {
        var build = GraphBuilder(name: "uneven")
        var x = build.input("input", .float32, ["N", 1, 6, 6])
        for (name, shape, scale) in [("a", [4, 1, 1, 1], 0.01), ("b", [4, 4, 3, 3], 1), ("c", [4, 4, 3, 3], 1)] {
            let shape = Shape(shape as [Int])
            let weights = (0..<shape.elementCount).map { Float(scale) * Float($0 + 1) }
            x = build.convolution(x, name, weight: TensorData(shape, weights))
        }
        build.output(
            build.convolution(x, "last", weight: TensorData([1, 4, 1, 1], [1, 1, 1, 1] as [Float])), name: "y")
        return build.graph
    }

    private func removed(_ graph: Graph, _ configuration: Configuration) throws -> [String: Int] {
        let plan = try StructuredPruning.plan(for: graph, configuration)
        return Dictionary(uniqueKeysWithValues: plan.groups.map { ($0.label, $0.removed.count) })
    }

    @Test func `Locally, every group loses the same fraction`() throws {
        let removed = try removed(unevenLayers(), Configuration(.macs(0.4), scope: .local))
        // The last one only as far as the target asks.
        #expect(removed.keys.sorted() == ["a (Conv)", "b (Conv)", "c (Conv)"])
        #expect(Set(removed.values).isSubset(of: [1, 2]) && removed["a (Conv)"] == 2, "\(removed)")
    }

    @Test func `Globally and without normalizing, small scores go first`() throws {
        var graph = TinyGraphs.chain()
        graph.setNumbers("norm1.weight") { channel, _ in 0.01 * Float(channel + 1) }
        graph.setNumbers("norm2.weight") { channel, _ in Float(channel + 1) }
        func removed(_ normalizer: ScoreNormalizer) throws -> [String: Int] {
            try self.removed(
                graph, Configuration(.macs(0.4), criterion: "bn-scale", normalizer: normalizer, scope: .global))
        }
        #expect(try removed(ScoreNormalizer.none) == ["conv1 (Conv)": 4])
        // Beside the mean of its own layer, no scale is small for being in the first.
        #expect(try removed(.mean).keys.sorted() == ["conv1 (Conv)", "conv2 (Conv)"])
    }

    @Test func `Isomorphic groups compete, others lose as much in their own contest`() throws {
        let removed = try removed(unevenLayers(), Configuration(.macs(0.5), scope: .isomorphic))
        // The first layer, of another kernel, competes alone; the other two have half of their channels to lose
        // between them.
        #expect(removed["a (Conv)"] != nil)
        #expect((removed["b (Conv)"] ?? 0) + (removed["c (Conv)"] ?? 0) >= 2)
    }

    @Test(arguments: [["b"], ["b.weight"], ["b*"], ["*"]])
    func `Protected layers keep their channels`(patterns: [String]) throws {
        let limits = PruningLimits(protectedLayers: patterns)
        let configuration = Configuration(.macs(0.8), limits: limits)
        guard patterns != ["*"] else {
            let text = errorText { _ = try StructuredPruning.plan(for: unevenLayers(), configuration) }
            #expect(text.contains("without protected layers"), "\(text)")
            return
        }
        let plan = try StructuredPruning.plan(for: unevenLayers(), configuration)
        #expect(!plan.groups.isEmpty && !plan.groups.contains { $0.label == "b (Conv)" })
        #expect(plan.obstacles.contains("b (Conv): it is protected (\(patterns[0]))"))
    }

    @Test func `A protected layer that the model does not have is named`() throws {
        for pattern in ["nosuch", "B", "c.weight*s"] {
            let configuration = Configuration(.macs(0.8), limits: PruningLimits(protectedLayers: ["b", pattern]))
            #expect(errorCode { _ = try StructuredPruning.plan(for: unevenLayers(), configuration) } == .unknownName)
            let text = errorText { _ = try StructuredPruning.plan(for: unevenLayers(), configuration) }
            #expect(text.contains(pattern), "\(text)")
            let weights = UnstructuredPruning.Configuration(sparsity: 0.5, protectedLayers: [pattern])
            #expect(errorCode { _ = try UnstructuredPruning.plan(for: unevenLayers(), weights) } == .unknownName)
        }
    }
}
