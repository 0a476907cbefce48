import BantamGraph
import BantamONNX
import Testing

extension EndToEnd {
    @Suite struct `Data without labels` {
        private static let training = ["--data", "shop/plain"] + Workshop.training

        @Test(arguments: ["l1", "taylor"]) func `A model is pruned with itself as teacher`(criterion: String) throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(
                ["prune", "shop/trained.onnx", "--target-macs", "0.5", "--criterion", criterion, "--patience", "1"]
                    + Self.training)
            #expect(change.after.macs * 2 <= change.before.macs && change.trainingSeconds > 0)
            // The model's own classes stay, and its record says how it was taught.
            #expect(graph.metadata["bantam.classes"] == #"["left","middle","right"]"#)
            #expect(try #require(graph.metadata["bantam.record"]).contains(#""alpha":1"#))
        }

        @Test func `Cheaper layers learn from those they replace`() throws {
            let folder = try WorkingFolder()
            // What is said of the model is said of it as a teacher, too, which can then be asked about changed samples.
            for told in [[], ["--preprocessing", "mnist", "--augment", "flip"]] {
                let (change, _) = try folder.change(["restructure", "shop/trained.onnx"] + told + Self.training)
                #expect(change.after.macs < change.before.macs && change.trainingSeconds > 0)
            }
        }

        @Test func `Zeros are kept while the model learns from itself`() throws {
            let folder = try WorkingFolder()
            let (change, _) = try folder.change(["prune", "shop/trained.onnx", "--sparsity", "0.8"] + Self.training)
            #expect(change.after.nonzeroParameters * 4 < change.after.parameters && change.trainingSeconds > 0)
        }

        @Test func `A student learns from a teacher, and it is said that it learns from nothing else`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam(
                ["distill", "shop/model.onnx", "--teacher", "shop/trained.onnx", "-o", "out.onnx"] + Self.training)
            #expect(
                try run.succeeded().error.contains("shop/plain has no labels: the model learns from the teacher alone"))
            #expect(try folder.accuracy(of: "out.onnx").classes.count == 3)
        }

        @Test func `Ranges are measured without labels`() throws {
            let folder = try WorkingFolder()
            let (_, graph) = try folder.change(["quantize", "shop/trained.onnx", "--data", "shop/plain"])
            #expect(graph.weights(.float32).isEmpty)
        }

        @Test func `Ranges are measured on data of other classes, which the model does not take over`() throws {
            let folder = try WorkingFolder()
            try folder.bantam("create", "simple_cnn", "-o", "ten.onnx").succeeded()
            let quantized = try folder.bantam("quantize", "ten.onnx", "--data", "shop/images", "-o", "int8.onnx")
            #expect(try quantized.succeeded().output.contains("ten.onnx: nothing says how it wants its samples"))
            let graph = try ONNXFile.read(folder.file("int8.onnx")).graph
            #expect(graph.weights(.float32).isEmpty && graph.metadata["bantam.classes"] == nil)
            // What learns from labels still needs the model's.
            let run = try folder.bantam("train", "ten.onnx", "--data", "shop/images", "-o", "out.onnx")
            #expect(run.status == 65 && run.error.contains("10"))
        }

        @Test func `A model is trained for INT8 with itself as teacher`() throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(["quantize", "shop/trained.onnx", "--aware"] + Self.training)
            #expect(graph.weights(.float32).isEmpty && change.trainingSeconds > 0)
            #expect(try #require(graph.metadata["bantam.record"]).contains(#""alpha":1"#))
        }

        private struct Comparison: Decodable {
            var samples: Int
            var top1: Double?
            var against: String
            var agreement: Double
        }

        @Test func `Models are compared by their answers, with labels and without`() throws {
            let folder = try WorkingFolder()
            func compare(_ model: String, _ other: String, _ data: String) throws -> Comparison {
                try folder.bantam("evaluate", model, "--against", other, "--data", data, "--json").succeeded()
                    .json(as: Comparison.self)
            }
            let same = try compare("shop/trained.onnx", "shop/trained.onnx", "shop/plain")
            #expect(same.samples == 24 && same.agreement == 1 && same.top1 == nil)
            // One that guesses agrees with one that knows as often as it is right.
            let labelled = try compare("shop/model.onnx", "shop/trained.onnx", "shop/images")
            let knowing = try folder.accuracy(of: "shop/trained.onnx").top1
            let guessing = try #require(labelled.top1)
            #expect(labelled.samples == 15 && abs(labelled.agreement - guessing) <= 1 - knowing + 1e-9)
            let run = try folder.bantam(
                "evaluate", "shop/quantized.onnx", "--against", "shop/trained.onnx", "--data", "shop/plain")
            #expect(try run.succeeded().output.contains("% of 24 samples as shop/trained.onnx does"))
            try folder.bantam("create", "simple_cnn", "-o", "ten.onnx").succeeded()
            let others = try folder.bantam("evaluate", "ten.onnx", "--against", "ten.onnx", "--data", "shop/images")
            #expect(try others.succeeded().error.contains("only the two models are compared"))
            try folder.expect(
                Refusal(
                    "other classes",
                    ["evaluate", "shop/trained.onnx", "--against", "ten.onnx", "--data", "shop/plain"], 65,
                    says: "shop/trained.onnx", "3 classes and ten.onnx 10"))
        }

        @Test(arguments: [
            ["train", "shop/model.onnx", "-o", "out.onnx"], ["evaluate", "shop/trained.onnx"],
            ["slim", "-o", "out"],
            ["prune", "shop/trained.onnx", "--target-macs", "0.5", "--no-teacher", "-o", "out.onnx"],
            ["prune", "shop/trained.onnx", "--sparsity", "0.5", "--no-teacher", "-o", "out.onnx"],
            ["quantize", "shop/trained.onnx", "--aware", "--no-teacher", "-o", "out.onnx"],
        ])
        func `What needs labels says so`(_ command: [String]) throws {
            try WorkingFolder().expect(
                Refusal(
                    "no labels", command + ["--data", "shop/plain"], 65, says: "shop/plain", "The data has no labels",
                    "sort the files into DIR/train/CLASS"))
        }
    }
}
