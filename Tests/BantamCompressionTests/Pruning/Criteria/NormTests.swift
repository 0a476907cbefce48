import BantamCompression
import BantamGraph
import Testing

@Suite struct NormTests {
    /// Two convolutions; the first makes the channels with the filters `[3, 4]`, `[0, 5]` and `[-6, 8]`.
    private func graph(reading: [Float] = [1, 1, 1]) -> Graph {
        var build = GraphBuilder(name: "norms")
        let input = build.input("input", .float32, ["N", 2, 4, 4])
        let filters = TensorData([3, 2, 1, 1], [3, 4, 0, 5, -6, 8] as [Float])
        let hidden = build.convolution(input, "first", weight: filters)
        let active = build.node("Relu", [hidden], name: "relu")
        build.output(build.convolution(active, "second", weight: TensorData([1, 3, 1, 1], reading)), name: "output")
        return build.graph
    }

    private func scores(_ criterion: some ImportanceCriterion, _ graph: Graph) throws -> [Double] {
        try criterion.scores(of: try #require(try ChannelGroups(of: graph).prunable.first), in: graph)
    }

    @Test func `l1 averages the sums of absolute weights in units of their means`() throws {
        // Filters: sums 7, 5, 14 of mean 26/3. Reading weights: 1, 1, 1.
        let expected = [7.0, 5, 14].map { ($0 / (26.0 / 3) + 1) / 2 }
        for (score, expected) in zip(try scores(L1Norm(), graph()), expected) { #expect(abs(score - expected) < 1e-12) }
    }

    @Test func `l2 averages Euclidean norms in units of their means`() throws {
        // Filters: norms 5, 5, 10 of mean 20/3. Reading weights: 2, 1, 0 of mean 1.
        let expected = zip([5.0, 5, 10], [2.0, 1, 0]).map { ($0 / (20.0 / 3) + $1) / 2 }
        let scores = try scores(L2Norm(), graph(reading: [2, -1, 0]))
        for (score, expected) in zip(scores, expected) { #expect(abs(score - expected) < 1e-12) }
    }

    @Test func `The scale of a layer does not matter`() throws {
        var scaled = graph()
        scaled.setNumbers("first.weight") { $1 * 1024 }
        #expect(try scores(L1Norm(), scaled) == scores(L1Norm(), graph()))
        #expect(try scores(L2Norm(), scaled) == scores(L2Norm(), graph()))
    }

    @Test func `A layer of zeros tells channels no apart`() throws {
        let alone = try scores(L1Norm(), graph(reading: [0, 0, 0]))
        for (score, expected) in zip(alone, [7.0, 5, 14].map { $0 / (26.0 / 3) / 2 }) {
            #expect(abs(score - expected) < 1e-12)
        }
    }
}
