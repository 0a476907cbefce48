import BantamGraph
import BantamPipeline
import BantamQuantization
import BantamTestSupport
import Testing

@Suite struct VerificationLimitsTests {
    /// 100 samples, of which the original answers 90 right and the exported file 89, 97 of them alike.
    private func report(_ graph: Graph = TinyGraphs.chain(), top1: Double? = 0.89, isLabelled: Bool = true) throws
        -> VerificationReport
    {
        let file = VerificationReport.File(
            path: "model.onnx", fileBytes: ByteCount(1000), weights: try WeightStorage(of: graph))
        func comparison(different: Int) -> ScoreComparison {
            var comparison = ScoreComparison()
            for sample in 0..<100 {
                let scores: [Float] = sample < different ? [0, 1] : [1, 0]
                scores.withUnsafeBufferPointer { scores in
                    ([1, 0] as [Float]).withUnsafeBufferPointer { comparison.observe(scores, reference: $0) }
                }
            }
            return comparison
        }
        return VerificationReport(
            original: file, compressed: file, data: "images", split: "test", samples: 100,
            runs: [
                .init(.original, runtime: "openvino", instructionSet: "native", top1: isLabelled ? 0.9 : nil),
                .init(
                    .exported, runtime: "openvino", instructionSet: "native", top1: isLabelled ? top1 : nil,
                    fromOriginal: comparison(different: 3)),
                .init(
                    .exported, runtime: "openvino", instructionSet: "AVX2", top1: isLabelled ? 0.5 : nil,
                    fromOriginal: comparison(different: 50)),
            ],
            classes: [
                .init(name: "a", samples: 10, correctBefore: 9, correctAfter: 9),
                .init(name: "b", samples: 10, correctBefore: 9, correctAfter: 7),
                .init(name: "c", samples: 10, correctBefore: 1, correctAfter: 3),
            ], layers: [], layerSamples: 32)
    }

    private func kept(_ limits: VerificationLimits, _ report: VerificationReport) -> [Bool] {
        var report = report
        report.judge(by: limits)
        #expect(report.isPassed == report.limits.allSatisfy(\.isKept))
        return report.limits.dropFirst().map(\.isKept)
    }

    @Test func `A limit that is met exactly is kept, and one just beyond is broken`() throws {
        let report = try report()
        #expect(kept(.init(maximumDrop: 1), report) == [true] && kept(.init(maximumDrop: 0.99), report) == [false])
        #expect(
            kept(.init(minimumAgreement: 97), report) == [true]
                && kept(.init(minimumAgreement: 97.1), report) == [false])
        // Each of the three other answers is two errors of 1 beside a signal of 100.
        #expect(
            kept(.init(minimumOutputDecibels: 12.2), report) == [true]
                && kept(.init(minimumOutputDecibels: 12.3), report) == [false])
        #expect(
            kept(.init(maximumFileSize: ByteCount(1000)), report) == [true]
                && kept(.init(maximumFileSize: ByteCount(999)), report) == [false])
    }

    @Test func `Outcomes say what was demanded and found`() throws {
        var report = try report()
        report.judge(
            by: .init(
                maximumDrop: 0.5, minimumAgreement: 99, minimumOutputDecibels: 30, maximumFileSize: ByteCount(2000)))
        #expect(
            report.limits.map { "\($0.name): \($0.demanded), \($0.found), \($0.isKept)" } == [
                "weights of quantized layers: stored as integers, no layer is quantized, true",
                "drop of top-1 accuracy: at most 0.5 points, 1 points, false",
                "agreement with the original: at least 99 %, 97 %, false",
                "signal-to-noise of the outputs: at least 30 dB, 12.22 dB, false",
                "file size: at most 2000 bytes, 1000 bytes, true",
            ])
        #expect(!report.isPassed && report.warnings.isEmpty)
        #expect(try throughJSON(report) == report)
    }

    @Test func `What only another instruction set breaks is a warning`() throws {
        var report = try report()
        report.judge(by: .init(maximumDrop: 1, minimumAgreement: 90))
        #expect(report.isPassed)
        #expect(
            report.warnings == [
                "With AVX2 a limit would be broken: drop of top-1 accuracy 40 points, at most 1 points.",
                "With AVX2 a limit would be broken: agreement with the original 50 %, at least 90 %.",
            ])
    }

    @Test func `Nothing is demanded by default, and a gain is no drop`() throws {
        #expect(kept(.init(), try report()) == [])
        #expect(kept(.init(maximumDrop: 0), try report(top1: 0.95)) == [true])
    }

    @Test func `What cannot be known is not kept`() throws {
        #expect(kept(.init(maximumDrop: 50), try report(isLabelled: false)) == [false])
    }

    @Test func `Float weights in quantized layers break the limit that always holds`() throws {
        var graph = try StaticQuantization().quantizing(TinyGraphs.chain()).graph
        var report = try report(graph)
        report.judge(by: .init())
        #expect(report.isPassed && report.limits[0].found == "3 stored as integers")
        let weight = try #require(graph.value(named: "conv2.weight.dequantized"))
        let float = graph.addConstant("numbers", TensorData([4, 6, 3, 3], [Float](repeating: 0.5, count: 216)))
        graph.replaceUses(of: weight, with: float)
        report = try self.report(graph)
        report.judge(by: .init())
        #expect(!report.isPassed && report.limits[0].found == "1 of 3 hold floating-point numbers")
    }

    @Test func `Classes are listed by what they lost`() throws {
        #expect(try report().classes.map(\.name) == ["b", "a", "c"])
    }
}
