import BantamGraph
import BantamModel
import BantamNetwork
import BantamPruning
import BantamTensor
import BantamTestSupport
import BantamTraining
import Glibc
import Testing

@Suite struct SensitivityAnalysisTests {
    /// A model of which everything can be told by hand.
    ///
    /// Sample `c` is the unit vector of its class. The layer `vital` scales it by `c + 1` and `read` passes it on, so
    /// that the logits are `(c + 1) e_c`, with 1/2 added to the last: who has lost a channel says the last class. By
    /// L1 the channels go in order. The layer `dead` has channels too, and nothing reads them: `blind` is zero.
    private func model(blind: Float = 0) -> Graph {
        var build = GraphBuilder(name: "by hand")
        let input = build.input("input", .float32, ["N", 4, 1, 1])
        func diagonal(_ number: (Int) -> Float) -> TensorData {
            TensorData([4, 4, 1, 1], (0..<16).map { $0 / 4 == $0 % 4 ? number($0 / 4) : 0 })
        }
        let vital = build.convolution(input, "vital", weight: diagonal { Float($0 + 1) })
        let passed = build.convolution(build.node("Relu", [vital], name: "relu1"), "read", weight: diagonal { _ in 1 })
        let dead = build.convolution(input, "dead", weight: diagonal { _ in 3 })
        let lost = build.convolution(
            build.node("Relu", [dead], name: "relu2"), "blind", weight: diagonal { _ in blind })
        let offset = build.constant("offset", TensorData([1, 4, 1, 1], [0, 0, 0, 0.5] as [Float]))
        let sum = build.node("Add", [build.node("Add", [passed, lost], name: "add"), offset], name: "shift")
        build.output(build.node("Flatten", [sum], name: "flatten", attributes: ["axis": .int(1)]), name: "logits")
        return build.graph
    }

    /// Each of the four classes as often as the others, in two batches.
    private struct UnitVectors: BatchSource {
        var isLabelled = true
        var scale: Float = 1
        var batchCount: Int { 2 }

        func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
            for classes in [[0, 1, 2, 3, 3, 2, 1, 0], [0, 1, 2, 3]] {
                let numbers = classes.flatMap { label in (0..<4).map { $0 == label ? scale : 0 } }
                let labels = classes.map { isLabelled ? Int64($0) : -1 }
                try body(
                    TrainingBatch(
                        inputs: try Tensor(TensorData([classes.count, 4, 1, 1], numbers)),
                        labels: try Tensor(TensorData([classes.count], labels)), indices: Array(classes.indices)))
            }
        }
    }

    /// `KL(before || after)`
    private func divergence(_ before: [Double], _ after: [Double]) -> Double {
        func logSoftmax(_ scores: [Double]) -> [Double] {
            let total = scores.reduce(0) { $0 + exp($1) }
            return scores.map { $0 - log(total) }
        }
        return zip(logSoftmax(before), logSoftmax(after)).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }

    /// The mean divergence when the channels of the first classes are gone.
    private func expectedDivergence(removed: Int) -> Double {
        (0..<removed).reduce(0) { sum, label in
            var before = [0, 0, 0, 0.5]
            before[label] += Double(label + 1)
            return sum + divergence(before, [0, 0, 0, 0.5]) / 4
        }
    }

    @Test(arguments: [true, false])
    func `What is vital and what is dead comes out as by hand, with labels and without`(isLabelled: Bool) throws {
        let fractions = [0.25, 0.5, 0.75, 0.9]
        let report = try SensitivityAnalysis.report(
            on: model(), with: UnitVectors(isLabelled: isLabelled), .init(fractions: fractions))
        #expect(report.samples == 12 && report.accuracy == (isLabelled ? 1 : nil) && report.baseline == 1)
        #expect(report.groups.map(\.name) == ["vital", "dead"])
        #expect(report.groups.map(\.channels) == [4, 4])
        let (vital, dead) = (report.groups[0], report.groups[1])
        // At least one channel stays.
        for (point, removed) in zip(vital.points, [1, 2, 3, 3]) {
            #expect(point.removed == removed && point.score == Double(4 - removed) / 4)
            #expect(point.agreement == point.score && point.accuracy == (isLabelled ? point.score : nil))
            #expect(abs(point.divergence - expectedDivergence(removed: removed)) < 1e-6)
        }
        #expect(vital.safeCut == 0)
        #expect(dead.points.map(\.fraction) == fractions)
        #expect(dead.points.allSatisfy { $0.score == 1 && $0.divergence < 1e-9 })
        #expect(dead.safeCut == 0.9)
        #expect(report.layersToProtect == ["vital"])
    }

    @Test func `In bfloat16 the same answers come out`() throws {
        let reports = try [ArithmeticPrecision.float32, .bfloat16].map { precision in
            try SensitivityAnalysis.report(on: model(), with: UnitVectors(), .init(precision: precision))
        }
        #expect(reports[0].groups.map { $0.points.map(\.score) } == reports[1].groups.map { $0.points.map(\.score) })
        #expect(reports[0].layersToProtect == reports[1].layersToProtect)
    }

    @Test func `A cut is safe up to the tolerance, and not beyond the first that is not`() throws {
        let configuration = SensitivityAnalysis.Configuration(fractions: [0.75, 0.25, 0.5], tolerance: 0.5)
        let report = try SensitivityAnalysis.report(on: model(), with: UnitVectors(), configuration)
        #expect(report.groups[0].points.map(\.fraction) == [0.25, 0.5, 0.75])
        #expect(report.groups[0].safeCut == 0.5 && report.layersToProtect.isEmpty)
        // A fraction that comes to no channel says nothing of the layer.
        let small = try SensitivityAnalysis.report(on: model(), with: UnitVectors(), .init(fractions: [0.1]))
        #expect(small.groups[0].points.map(\.removed) == [0] && small.groups[0].points[0].score == 1)
        #expect(small.groups[0].safeCut == nil && small.layersToProtect.isEmpty)
    }

    @Test func `Without labels agreement counts, however wrong the answers`() throws {
        // Turned around, all samples look like the last class.
        let wrong = try SensitivityAnalysis.report(
            on: model(), with: UnitVectors(scale: -1), .init(fractions: [0.25]))
        #expect(wrong.accuracy == 0.25 && wrong.groups[0].points[0].agreement == 1)
    }

    @Test(arguments: ["taylor", "fisher", "l2", "random"], [true, false])
    func `Any criterion chooses, also those that look at the loss`(criterion: String, isLabelled: Bool) throws {
        let report = try SensitivityAnalysis.report(
            on: model(blind: 0.1), with: UnitVectors(isLabelled: isLabelled),
            .init(fractions: [0.5], criterion: criterion))
        #expect(report.groups.count == 2 && report.groups.allSatisfy { $0.points[0].removed == 2 })
    }

    @Test func `A criterion that has nothing to judge any layer by says so`() {
        let configuration = SensitivityAnalysis.Configuration(fractions: [0.5], criterion: "bn-scale")
        let text = errorText { _ = try SensitivityAnalysis.report(on: model(), with: UnitVectors(), configuration) }
        #expect(text.contains("vital (Conv): it has nothing for bn-scale to judge by"), "\(text)")
    }

    @Test(arguments: TinyGraphs.names.filter { !["unused_output", "attention"].contains($0) })
    func `A removed part changes the answers as removing it does`(name: String) throws {
        let graph = try #require(TinyGraphs.named(name))
        let source = GraphSamples(graph: graph)
        let groups = try ChannelGroups(of: graph).prunable.filter { $0.channelCount > 1 }
        let report = try SensitivityAnalysis.report(on: graph, with: Nameless(source), .init(fractions: [0.5]))
        #expect(report.groups.count == groups.count)
        for (group, result) in zip(groups, report.groups) {
            let rows = try L1Norm().scores(of: group, from: ImportanceEvidence(graph: graph))
            let scores = GroupReduction.mean(rows)
            let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
            let gone = order.prefix(Int((Double(group.channelCount) / 2).rounded()))
            let smaller = try graph.removingChannels([ChannelRemoval(group, channels: gone)])
            var sum = 0.0
            try source.forEachBatch(epoch: 0) { batch in
                let inputs = [try batch.inputs.data()]
                let (before, after) = (try graph.run(inputs)[0], try smaller.run(inputs)[0])
                let width = before.shape[1]
                let pairs = zip(before.elements(of: Float.self), after.elements(of: Float.self))
                let numbers = pairs.map { (Double($0), Double($1)) }
                for start in stride(from: 0, to: numbers.count, by: width) {
                    let row = numbers[start..<start + width]
                    sum += divergence(row.map(\.0), row.map(\.1))
                }
            }
            #expect(abs(result.points[0].divergence - sum / 4) <= 1e-5 * max(sum, 1), "\(group.label)")
        }
    }

    /// Samples whose labels nobody should look at.
    private struct Nameless: BatchSource {
        var source: GraphSamples
        var batchCount: Int { source.batchCount }
        var isLabelled: Bool { false }

        init(_ source: GraphSamples) { self.source = source }

        func forEachBatch(epoch: Int, _ body: (TrainingBatch) throws -> Void) throws {
            try source.forEachBatch(epoch: epoch, body)
        }
    }

    @Test func `Results come as they are found`() throws {
        var layers: [String] = []
        var counts: [Int] = []
        var shares: [Double] = []
        let report = try SensitivityAnalysis.report(
            on: model(), with: UnitVectors(), .init(fractions: [0.25, 0.5])
        ) { event in
            switch event {
            case .started(let report, let names): (layers, counts) = (names, [report.groups.count])
            case .measured(let report): counts.append(report.groups.count)
            case .advanced(let share): shares.append(share)
            }
        }
        #expect(layers == ["vital (Conv)", "dead (Conv)"] && counts == [0, 1, 2] && shares == [0.25, 0.5, 0.75, 1])
        #expect(try throughJSON(report) == report)
    }

    @Test func `What cannot be measured says why`() throws {
        func code(_ graph: Graph, _ configuration: SensitivityAnalysis.Configuration = .init()) -> CompressionErrorCode?
        {
            errorCode { _ = try SensitivityAnalysis.report(on: graph, with: UnitVectors(), configuration) }
        }
        #expect(code(model(), .init(fractions: [0.5, 1])) == .invalidTarget)
        #expect(code(model(), .init(fractions: [])) == .invalidTarget)
        #expect(code(model(), .init(tolerance: 2)) == .invalidTarget)
        #expect(code(model(), .init(criterion: "l3")) == .unknownName)
        var damaged = model()
        damaged.setNumbers("read.weight") { $0 == 3 ? .nan : $1 }
        #expect(code(damaged) == .notFinite)
        var build = GraphBuilder(name: "bare")
        let input = build.input("input", .float32, ["N", 4, 1, 1])
        build.output(build.node("Flatten", [input], name: "flatten", attributes: ["axis": .int(1)]), name: "logits")
        #expect(code(build.graph) == .nothingToCompress)
    }

    @Test func `An analysis leaves no tensor behind`() throws {
        let graph = model()
        func analyse() throws { _ = try SensitivityAnalysis.report(on: graph, with: UnitVectors()) }
        try analyse()
        let before = Tensor.liveCountOnThread
        try analyse()
        #expect(Tensor.liveCountOnThread == before)
    }
}
