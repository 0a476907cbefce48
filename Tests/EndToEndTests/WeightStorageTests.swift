import BantamGraph
import BantamONNX
import Testing

extension EndToEnd {
    @Suite struct `Storing weights in fewer bits` {
        private struct StoredChange: Decodable {
            struct Stored: Decodable {
                var dtype: String
                var constants: Int
                var elements: Int
                var byteCount: Int
            }

            var storage: [Stored]
            var notes: [String]
        }

        @Test(arguments: [("int8", [DType.int8], 35), ("int4", [.int4, .uint4], 25), ("float16", [.float16], 60)])
        func `The file shrinks, keeps the answers and says what it stores`(
            form: String, types: [DType], percent: Int
        ) throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(["quantize", "shop/trained.onnx", "--weights-only", form])
            // The scales are all that is float32 and has more axes than one.
            #expect(graph.weights(.float32).reduce(0) { $0 + $1.elementCount } < 1000)
            #expect(types.reduce(0) { $0 + graph.weights($1).reduce(0) { $0 + $1.elementCount } } > 20_000)
            #expect(change.after.fileBytes * 100 < change.before.fileBytes * percent)
            #expect(change.after.macs == change.before.macs)
            #expect(abs(change.after.parameters - change.before.parameters) * 20 < change.before.parameters)
            let original = try folder.accuracy(of: "shop/trained.onnx")
            let stored = try folder.accuracy(of: "out.onnx")
            #expect(abs(original.top1 - stored.top1) < 0.1)
            // The record in the model, and what is printed.
            #expect(try #require(graph.metadata["bantam.record"]).contains("\"form\":\"\(form)\""))
            let run = try folder.bantam("quantize", "shop/trained.onnx", "--weights-only", form, "-o", "again.onnx")
            #expect(try run.succeeded().output.contains("stored as   "))
            #expect(types.contains { run.output.contains("\($0.rawValue) ") })
            #expect(try folder.bytes(of: "again.onnx") == folder.bytes(of: "out.onnx"))
        }

        @Test func `What is stored as what is in the JSON record, and in inspect`() throws {
            let folder = try WorkingFolder()
            let arguments = ["quantize", "shop/trained.onnx", "--weights-only", "bfloat16", "-o", "out.onnx", "--json"]
            let change = try folder.bantam(arguments).succeeded().json(as: StoredChange.self)
            let halves = try #require(change.storage.first)
            #expect(halves.dtype == "bfloat16" && halves.byteCount == 2 * halves.elements && change.notes.isEmpty)
            let inspected = try folder.bantam("inspect", "out.onnx").succeeded().output
            #expect(inspected.contains("bfloat16 \(halves.constants) constants, \(halves.elements) numbers"))
        }

        @Test func `Dynamic quantization names the layers that stay float`() throws {
            let folder = try WorkingFolder()
            let arguments = ["quantize", "shop/trained.onnx", "--dynamic", "-o", "out.onnx", "--json"]
            let change = try folder.bantam(arguments).succeeded().json(as: StoredChange.self)
            // The layers have integer forms all; what is no layer is not worth a line.
            #expect(change.notes == ["4 of 4 layers compute in INT8, with 100 % of the MACs."])
            #expect(change.storage.first?.dtype == "int8")
        }

        @Test func `A file size is met by the forms that cost least`() throws {
            let folder = try WorkingFolder()
            func size(_ arguments: String...) throws -> Int {
                try folder.change(["quantize", "shop/trained.onnx", "--weights-only"] + arguments).change.after
                    .fileBytes
            }
            let (wide, narrow) = (try size("int8"), try size("int4"))
            let limit = (wide + narrow) / 2
            let (change, graph) = try folder.change(
                ["quantize", "shop/trained.onnx", "--weights-only", "int8", "--target-file-size", "\(limit)B"])
            #expect(change.after.fileBytes <= limit)
            #expect(!graph.weights(.int8).isEmpty)
            #expect(!graph.weights(.int4).isEmpty || !graph.weights(.uint4).isEmpty)
            try folder.expect(
                Refusal(
                    "too small",
                    [
                        "quantize", "shop/trained.onnx", "--weights-only", "int4", "--target-file-size", "2kB", "-o",
                        "x.onnx",
                    ],
                    75, says: "cannot have only 2000 bytes", "raise the target"))
        }

        @Test func `A model of halves is widened, changed, and stored as halves again on request`() throws {
            let folder = try WorkingFolder()
            try folder.bantam("quantize", "shop/trained.onnx", "--weights-only", "float16", "-o", "half.onnx")
                .succeeded()
            let run = try folder.bantam(
                ["train", "half.onnx", "--data", "shop/images", "-o", "wide.onnx"] + Workshop.training
            ).succeeded()
            #expect(run.output.contains("widened to float32"))
            let wide = try ONNXFile.read(folder.file("wide.onnx")).graph
            #expect(!wide.constants.values.contains { $0.dtype == .float16 })
            try folder.bantam("quantize", "wide.onnx", "--weights-only", "float16", "-o", "again.onnx").succeeded()
            #expect(try folder.bytes(of: "again.onnx").count < folder.bytes(of: "wide.onnx").count * 2 / 3)
        }
    }
}
