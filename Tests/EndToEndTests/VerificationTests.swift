import BantamGraph
import BantamONNX
import BantamPipeline
import BantamTestSupport
import FoundationEssentials
import Testing

extension EndToEnd {
    @Suite struct Verification {
        private let folder: WorkingFolder

        init() throws {
            folder = try WorkingFolder()
        }

        private func quantize(_ options: String...) throws {
            try folder.bantam(
                ["quantize", "shop/trained.onnx", "--data", "shop/images", "--samples", "24", "-o", "int8.onnx"]
                    + options
            ).succeeded()
        }

        private func verify(_ compressed: String, _ options: [String] = []) throws -> Run {
            try folder.bantam(
                ["verify", "shop/trained.onnx", compressed, "--data", "shop/images", "--threads", "1"] + options)
        }

        @Test func `An INT8 file is compared in every way, and limits that it keeps are said to be kept`() throws {
            try quantize()
            let limits = ["--max-drop", "20", "--min-agreement", "50", "--min-snr", "10", "--max-file-size", "50%"]
            let run = try verify("int8.onnx", limits + ["--instruction-sets", "native", "--json"]).succeeded()
            let report = try run.json(as: VerificationReport.self)
            #expect(report.samples == 15 && report.split == "test" && report.isPassed)
            #expect(report.runs.map(\.model) == [.original, .simulated, .exported])
            #expect(report.runs.map(\.runtime) == ["openvino", "libtorch", "openvino"])
            // Taken from the same files as `evaluate` does.
            #expect(report.runs[0].top1 == (try folder.accuracy(of: "shop/trained.onnx").top1))
            #expect(report.runs[2].top1 == (try folder.accuracy(of: "int8.onnx").top1))
            #expect(report.runs[0].fromOriginal == nil && report.runs[2].instructionSet == "native")
            let exported = try #require(report.runs[2].fromOriginal)
            #expect((15..<60).contains(try #require(exported.decibels)) && exported.largestDifference > 0)
            // The runtime's integers are those that were simulated.
            let simulated = try #require(report.runs[2].fromSimulated)
            #expect(simulated.agreement == 1 && simulated.decibels ?? 100 > (exported.decibels ?? 0) + 6)
            #expect(report.classes.map(\.samples) == [5, 5, 5])
            #expect(Set(report.classes.map(\.name)) == ["left", "middle", "right"])
            #expect(report.layers.contains { $0.layer == "conv1 (Conv)" } && report.layerSamples == 15)
            #expect(report.compressed.weights.layers.map(\.kind) == [.integer, .integer, .integer, .integer])
            #expect(report.original.weights.layers.map(\.kind) == [.float, .float, .float, .float])
            #expect(report.compressed.fileBytes.bytes == (try folder.bytes(of: "int8.onnx").count))
            #expect(report.limits.map(\.isKept) == [true, true, true, true, true])
            #expect(try folder.contents() == ["int8.onnx"])
        }

        @Test func `A person reads tables, with the sets that were tried`() throws {
            try quantize()
            let output = try verify("int8.onnx").succeeded().output
            for text in [
                "int8.onnx beside shop/trained.onnx, on 15 samples of shop/images (test)", "simulated  libtorch",
                "exported   openvino, native", "Instruction sets tried: native", "noisiest layers", "conv1 (Conv)",
                "classes that lost most", "times smaller", "4 in integers", "weights of quantized layers",
                "Every limit is kept.",
            ] { #expect(output.contains(text), "\(text) is not in\n\(output)") }
        }

        @Test func `A broken limit ends with 75 and names what broke, with the whole report`() throws {
            try quantize()
            let run = try verify("int8.onnx", ["--min-snr", "90", "--max-file-size", "10KB", "--max-drop", "100"])
            #expect(run.status == 75)
            #expect(run.output.contains("signal-to-noise of the outputs") && run.output.contains("BROKEN"))
            #expect(run.output.contains("2 of 4 limits broken.") && run.output.contains("noisiest layers"))
            #expect(run.error.contains("bantam: limit broken: signal-to-noise of the outputs: "))
            #expect(run.error.contains("bantam: limit broken: file size: "))
            #expect(!run.error.contains("drop of top-1"))
            let json = try verify("int8.onnx", ["--min-snr", "90", "--json"])
            #expect(json.status == 75)
            #expect(try json.json(as: VerificationReport.self).limits.map(\.isKept) == [true, false])
        }

        @Test func `A model that answers otherwise breaks the limits on answers`() throws {
            let run = try verify("shop/model.onnx", ["--max-drop", "1", "--min-agreement", "99", "--json"])
            #expect(run.status == 75)
            let report = try run.json(as: VerificationReport.self)
            #expect(report.limits.map(\.isKept) == [true, false, false])
            #expect(report.classes.first?.change == -1)
        }

        @Test func `A model beside itself is equal in all, by the exit status too`() throws {
            let run = try verify("shop/trained.onnx", ["--max-drop", "0", "--min-agreement", "100", "--min-snr", "99"])
            #expect(try run.succeeded().output.contains("equal"))
        }

        @Test func `Float weights between QDQ fail, named by layer`() throws {
            try quantize()
            var graph = try ONNXFile.read(folder.file("int8.onnx")).graph
            let weight = try #require(graph.value(named: "fc2.weight.dequantized"))
            let unpacking = try #require(graph.producer(of: weight))
            let data = try #require(graph.constant(0, of: unpacking))
            let numbers = data.elements(of: Int8.self).map { Float($0) / 127 }
            let float = graph.addConstant("fc2.numbers", TensorData(data.shape, numbers))
            graph.replaceUses(of: weight, with: float)
            try ONNXFile.write(graph, to: folder.file("fake.onnx"))
            let run = try verify("fake.onnx")
            #expect(run.status == 75)
            #expect(run.output.contains("fc2 (Gemm): its weight fc2.numbers is float32, and its input"))
            #expect(run.error.contains("weights of quantized layers: 1 of 4 hold floating-point numbers"))
        }

        @Test(arguments: ["segmenter", "detector-head"])
        func `A model without classes is compared by its outputs`(name: String) throws {
            let (model, images) = (fixture("cases/\(name).onnx"), fixture("cases/images/unlabelled"))
            let given = ["--data", images, "--preprocessing", "cifar10"]
            try folder.bantam(["quantize", model, "-o", "q.onnx"] + given).succeeded()
            let pair = ["verify", model, "q.onnx", "--instruction-sets", "native"] + given
            let report = try folder.bantam(pair + ["--min-snr", "20", "--json"]).succeeded()
                .json(as: VerificationReport.self)
            let distance = try #require(report.runs.last?.fromOriginal)
            #expect(distance.agreement == nil && (20...80).contains(distance.decibels ?? 0))
            #expect(!report.layers.isEmpty && report.isPassed)
            #expect(try folder.bantam(pair + ["--min-snr", "90"]).status == 75)
            try folder.expect(
                Refusal("agreement", pair + ["--min-agreement", "90"], 65, says: "no class scores", "--min-snr"))
            // As `evaluate` has it.
            let run = try folder.bantam(["evaluate", "q.onnx", "--against", model, "--json"] + given)
            struct Comparison: Decodable {
                struct Output: Decodable { var decibels: Double? }
                var agreement: Double?
                var outputs: [Output]
            }
            let comparison = try run.succeeded().json(as: Comparison.self)
            #expect(comparison.agreement == nil && comparison.outputs.count == 1)
            #expect(abs((comparison.outputs[0].decibels ?? 0) - (distance.decibels ?? 0)) < 0.01)
        }

        @Test func `Outputs of integers alone are refused`() throws {
            var build = GraphBuilder(name: "places")
            let image = build.input("image", .float32, ["N", 3, 32, 32])
            build.output(
                build.node("ArgMax", [image], attributes: ["axis": .int(1), "keepdims": .int(1)]), name: "place")
            try ONNXFile.write(build.graph, to: folder.file("places.onnx"))
            let run = try folder.bantam(
                "verify", "places.onnx", "places.onnx", "--data", fixture("cases/images/unlabelled"), "--preprocessing",
                "cifar10")
            #expect(run.status == 65 && run.error.contains("places.onnx: ") && run.error.contains("no floating-point"))
        }

        @Test func `Data without labels give agreement alone`() throws {
            let run = try folder.bantam(
                "verify", "shop/trained.onnx", "shop/quantized.onnx", "--data", "shop/plain", "--samples", "10",
                "--instruction-sets", "native", "--json")
            let report = try run.succeeded().json(as: VerificationReport.self)
            #expect(report.samples == 10 && report.classes.isEmpty)
            #expect(report.runs.allSatisfy { $0.top1 == nil && $0.top5 == nil })
            #expect(try #require(report.runs.last?.fromOriginal?.agreement) > 0.8)
            #expect(report.compressed.weights.count(.integer) == 4)
            try folder.expect(
                Refusal(
                    "drop without labels",
                    [
                        "verify", "shop/trained.onnx", "shop/quantized.onnx", "--data", "shop/plain", "--max-drop", "1",
                    ], 65, says: "shop/plain", "no labels", "a limit on the drop of accuracy needs them"))
        }

        @Test func `The same seed chooses the same samples, one by one from each class`() throws {
            func classes(_ seed: String) throws -> VerificationReport {
                try verify(
                    "shop/model.onnx", ["--samples", "6", "--seed", seed, "--instruction-sets", "native", "--json"]
                ).succeeded().json(as: VerificationReport.self)
            }
            let report = try classes("1")
            #expect(report.samples == 6 && report.classes.map(\.samples) == [2, 2, 2])
            #expect(try classes("1") == report)
        }

        private static let verification = ["verify", "shop/trained.onnx", "shop/quantized.onnx"]
        private static let onImages = verification + ["--data", "shop/images"]

        @Test(arguments: [
            Refusal("no data", verification, 64, says: "--data"),
            Refusal("one model", ["verify", "shop/trained.onnx", "--data", "shop/images"], 64, says: "compressed"),
            Refusal("samples", onImages + ["--samples", "0"], 64, says: "--samples must be at least 1"),
            Refusal("drop", onImages + ["--max-drop", "-1"], 64, says: "--max-drop must be between 0 and 100"),
            Refusal("agreement", onImages + ["--min-agreement", "101"], 64, says: "--min-agreement must be between"),
            Refusal("decibels", onImages + ["--min-snr", "inf"], 64, says: "--min-snr must be a number"),
            Refusal("file size", onImages + ["--max-file-size", "5ms"], 64, says: "--max-file-size takes", "2.5MB"),
            Refusal(
                "instruction set", onImages + ["--instruction-sets", "native,MMX"], 64, says: "MMX", "native, AVX2"),
            Refusal("no folder", verification + ["--data", "nowhere"], 65, says: "nowhere"),
            Refusal(
                "no original", ["verify", "nowhere.onnx", "shop/quantized.onnx", "--data", "shop/images"], 65,
                says: "nowhere.onnx", "No such file"),
            Refusal(
                "damaged file", ["verify", "shop/trained.onnx", "shop/broken/random.onnx", "--data", "shop/images"], 65,
                says: "shop/broken/random.onnx", "This is no ONNX model"),
            Refusal(
                "unreadable image", verification + ["--data", "shop/broken/text-image"], 65,
                says: "shop/broken/text-image/test/left/3.png", "neither a PNG nor a JPEG"),
            Refusal(
                "other classes of the data", verification + ["--data", "shop/idx"], 65, says: "shop/trained.onnx",
                "3 classes", "idx has 10"),
        ])
        func `What cannot be verified is refused`(_ refusal: Refusal) throws {
            try WorkingFolder().expect(refusal)
        }

        @Test func `Models that do not belong together are refused`() throws {
            func refuse(_ compressed: String, says: String...) throws {
                var refusal = Refusal(
                    compressed, ["verify", "shop/trained.onnx", compressed, "--data", "shop/images"], 65)
                refusal.says = [compressed] + says
                try folder.expect(refusal)
            }
            try folder.bantam("create", "simple_cnn", "-o", "ten.onnx").succeeded()
            try refuse("ten.onnx", says: "10 classes and shop/trained.onnx 3")
            // Without a word of its own it gets what the original does.
            try folder.bantam("create", "cifar_resnet20", "--classes", "3", "-o", "color.onnx").succeeded()
            var graph = try ONNXFile.read(folder.file("color.onnx")).graph
            graph.metadata = [:]
            try ONNXFile.write(graph, to: folder.file("color.onnx"))
            try refuse("color.onnx", says: "takes samples of [3, 32, 32], and the data give [1, 28, 28]")
            graph = try ONNXFile.read(folder.file("shop/trained.onnx")).graph
            graph.metadata["bantam.classes"] = #"["left","right","middle"]"#
            try ONNXFile.write(graph, to: folder.file("order.onnx"))
            try refuse("order.onnx", says: "has the class right where shop/trained.onnx has middle")
            graph = try ONNXFile.read(folder.file("shop/trained.onnx")).graph
            graph.addOutput(try #require(graph.value(named: "fc1.out")))
            try ONNXFile.write(graph, to: folder.file("two.onnx"))
            try refuse("two.onnx", says: "2 outputs and shop/trained.onnx 1")
        }
    }
}
