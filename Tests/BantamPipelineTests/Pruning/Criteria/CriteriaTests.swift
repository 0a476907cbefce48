import BantamGraph
import BantamNetwork
import BantamPruning
import BantamTensor
import BantamTestSupport
import Testing

@Suite struct CriteriaTests {
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
        let group = try #require(try ChannelGroups(of: graph).prunable.first)
        return GroupReduction.mean(try criterion.scores(of: group, from: ImportanceEvidence(graph: graph)))
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

    // MARK: The others, on the same filters

    @Test func `lamp relates squares to those no smaller`() throws {
        // Filters: squares 25, 25, 100. Reading weights: 4, 1, 0.
        let rows = try rows(LAMP(), graph(reading: [2, -1, 0]))
        expect(rows[0], [25.0 / 150, 25.0 / 150, 1])
        expect(rows[1], [1, 0.2, 0])
    }

    @Test func `fpgm adds the distances to the other filters`() throws {
        // Between [3, 4] and [0, 5]: √10; [3, 4] and [-6, 8]: √97; [0, 5] and [-6, 8]: √45.
        let (a, b, c) = (10.0.squareRoot(), 97.0.squareRoot(), 45.0.squareRoot())
        let mean = (a + b + c) * 2 / 3
        let rows = try rows(GeometricMedian(), graph())
        expect(rows[0], [(a + b) / mean, (a + c) / mean, (b + c) / mean], tolerance: 1e-6)
        #expect(rows.count == 1)
    }

    @Test func `bn-scale takes the absolute scale of the normalization`() throws {
        var build = GraphBuilder(name: "normalized")
        let input = build.input("input", .float32, ["N", 2, 4, 4])
        let hidden = build.convolution(
            input, "first", weight: TensorData([3, 2, 1, 1], [3, 4, 0, 5, -6, 8] as [Float]))
        let parameters = [
            ("scale", [0.5, -2, 0]), ("bias", [0, 0, 0]), ("mean", [0, 0, 0]), ("variance", [1, 1, 1]),
        ]
        .map { build.constant($0.0, TensorData([3], $0.1 as [Float])) }
        let normal = build.node("BatchNormalization", [hidden] + parameters, name: "bn")
        let even = TensorData([1, 3, 1, 1], [1, 1, 1] as [Float])
        build.output(build.convolution(normal, "second", weight: even), name: "output")
        #expect(try rows(BatchNormScale(), build.graph) == [[0.5, 2, 0]])
        #expect(try rows(BatchNormScale(), graph()).isEmpty)
    }

    @Test(arguments: [[2, -1, 0.5], [1, 1, 1]] as [[Float]])
    func `taylor is the derivative of the loss`(reading: [Float]) throws {
        let graph = graph(reading: reading)
        let groups = try ChannelGroups(of: graph).prunable
        let group = groups[0]
        let loss = try LossEvidence(of: graph, groups: groups, on: GraphSamples(graph: graph), objective: MeanSquare())
        let changes = try #require(loss.changes(of: group))
        // Scaling a channel by 1 + e changes both of its weights; by differences, batch by batch.
        var expected = [Double](repeating: 0, count: 3)
        let step: Float = 1e-2
        try GraphSamples(graph: graph).forEachBatch(epoch: 0) { batch in
            for channel in 0..<3 {
                func value(_ scale: Float) throws -> Double {
                    var scaled = graph
                    scaled.setNumbers("first.weight") { $0 / 2 == channel ? $1 * scale : $1 }
                    scaled.setNumbers("second.weight") { $0 == channel ? $1 * scale : $1 }
                    let result = try Network(scaled).forward([batch.inputs])
                    return try MeanSquare().loss(of: result, on: batch).item()
                }
                expected[channel] += abs(try value(1 + step) - value(1 - step)) / Double(2 * step) / 2
            }
        }
        for (change, expected) in zip(changes.firstOrder, expected) {
            #expect(abs(change - expected) <= 0.01 * expected + 1e-4, "\(changes.firstOrder)")
        }
    }

    @Test func `fisher adds half the squares of what each weight by itself changes`() throws {
        let graph = graph(reading: [2, -1, 0.5])
        let groups = try ChannelGroups(of: graph).prunable
        let loss = try LossEvidence(of: graph, groups: groups, on: GraphSamples(graph: graph), objective: MeanSquare())
        let changes = try #require(loss.changes(of: groups[0]))
        var expected = [Double](repeating: 0, count: 3)
        let step: Float = 1e-2
        try GraphSamples(graph: graph).forEachBatch(epoch: 0) { batch in
            for (weight, index) in (0..<6).map({ ("first.weight", $0) }) + (0..<3).map({ ("second.weight", $0) }) {
                func value(_ scale: Float) throws -> Double {
                    var scaled = graph
                    scaled.setNumbers(weight) { $0 == index ? $1 * scale : $1 }
                    return try MeanSquare().loss(of: try Network(scaled).forward([batch.inputs]), on: batch).item()
                }
                let slope = (try value(1 + step) - value(1 - step)) / Double(2 * step)
                // The mean over two batches.
                expected[weight == "first.weight" ? index / 2 : index] += slope * slope / 2 / 2
            }
        }
        #expect(expected.contains { $0 > 1e-3 })
        for (change, expected) in zip(changes.secondOrder, expected) {
            #expect(abs(change - expected) <= 0.02 * expected + 1e-4, "\(changes.secondOrder), \(expected)")
        }
    }

    private func rows(_ criterion: some ImportanceCriterion, _ graph: Graph) throws -> [[Double]] {
        let group = try #require(try ChannelGroups(of: graph).prunable.first)
        return try criterion.scores(of: group, from: ImportanceEvidence(graph: graph))
    }

    private func expect(_ row: [Double], _ expected: [Double], tolerance: Double = 1e-12) {
        #expect(row.count == expected.count)
        for (score, expected) in zip(row, expected) { #expect(abs(score - expected) <= tolerance, "\(row)") }
    }
}
