import BantamONNX
import Testing

extension EndToEnd {
    @Suite struct `Training and evaluating` {
        @Test func `A model learns an image folder, as the exported file shows`() throws {
            let folder = try WorkingFolder()
            let before = try folder.accuracy(of: "shop/model.onnx")
            let after = try folder.accuracy(of: "shop/trained.onnx")
            #expect(after.samples == 3 * TinyData.testSamplesPerClass)
            #expect(after.classes.map(\.name) == TinyData.classNames)
            #expect(after.top1 > before.top1)
        }

        @Test func `A model learns from an IDX pair`() throws {
            let folder = try WorkingFolder()
            try folder.bantam("create", "simple_cnn", "-o", "cnn.onnx").succeeded()
            let run = try folder.bantam(
                ["train", "cnn.onnx", "--data", "shop/idx", "-o", "trained.onnx", "--json"] + Workshop.training)
            let change = try run.succeeded().json(as: Change.self)
            #expect(change.before.parameters == change.after.parameters && change.trainingSeconds > 0)
            let accuracy = try folder.accuracy(of: "trained.onnx", on: "shop/idx")
            #expect(accuracy.samples == 20 && accuracy.classes.count == 10)
        }

        @Test func `The same seed trains the same file`() throws {
            let folder = try WorkingFolder()
            for name in ["a.onnx", "b.onnx"] {
                try folder.bantam(
                    ["train", "shop/model.onnx", "--data", "shop/images", "-o", name] + Workshop.training
                ).succeeded()
            }
            #expect(try folder.bytes(of: "a.onnx") == folder.bytes(of: "b.onnx"))
            #expect(try folder.bytes(of: "a.onnx") == folder.bytes(of: "shop/trained.onnx"))
        }

        @Test func `A training goes on from its checkpoints to the same weights`() throws {
            let folder = try WorkingFolder()
            func train(_ output: String, _ checkpoints: String, _ epochs: String) throws {
                try folder.bantam(
                    "train", "shop/model.onnx", "--data", "shop/images", "--epochs", epochs, "--batch-size", "16",
                    "--schedule", "constant", "--warmup", "0", "--checkpoints", checkpoints, "-o", output
                ).succeeded()
            }
            try train("whole.onnx", "a", "2")
            let saved = try folder.contents().filter { $0.hasPrefix("a/") }
            #expect(!saved.isEmpty && saved.allSatisfy { $0.hasSuffix(".safetensors") })
            try train("again.onnx", "a", "2")
            #expect(try folder.bytes(of: "whole.onnx") == folder.bytes(of: "again.onnx"))
        }

        @Test func `A student learns from a teacher`() throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(
                ["distill", "shop/model.onnx", "--teacher", "shop/teacher.onnx", "--data", "shop/images"]
                    + Workshop.training)
            #expect(change.before.parameters == change.after.parameters)
            #expect(graph.nodes("Conv").count == 2)
            #expect(try folder.bytes(of: "out.onnx") != folder.bytes(of: "shop/trained.onnx"))
        }

        /// A model that is its own teacher has nothing to learn, unless the teacher was asked about other samples.
        @Test func `A teacher is asked about changed samples as the student sees them`() throws {
            let folder = try WorkingFolder()
            let changes = ["--augment", "crop=3", "--augment", "cutmix=0.5", "--views", "1"]
            let (_, graph) = try folder.change(
                ["distill", "shop/trained.onnx", "--teacher", "shop/trained.onnx", "--data", "shop/images"]
                    + ["--alpha", "1", "--weight-decay", "0"] + changes + Workshop.training)
            let before = try ONNXFile.read(folder.file("shop/trained.onnx")).graph
            for (value, data) in before.constants where data.dtype == .float32 {
                let after = try #require(graph.constants[value]?.elements(of: Float.self))
                #expect(zip(after, data.elements(of: Float.self)).allSatisfy { abs($0 - $1) < 1e-4 })
            }
        }
    }
}
