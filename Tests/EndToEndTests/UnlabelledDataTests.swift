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

        @Test func `Zeros are kept while the model learns from itself`() throws {
            let folder = try WorkingFolder()
            let (change, _) = try folder.change(["prune", "shop/trained.onnx", "--sparsity", "0.8"] + Self.training)
            #expect(change.after.nonzeroParameters * 4 < change.after.parameters && change.trainingSeconds > 0)
        }

        @Test func `A student learns from a teacher, and it is said that nothing else is listened to`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam(
                ["distill", "shop/model.onnx", "--teacher", "shop/trained.onnx", "-o", "out.onnx"] + Self.training)
            #expect(try run.succeeded().error.contains("shop/plain has no labels: the teacher alone is listened to"))
            #expect(try folder.accuracy(of: "out.onnx").classes.count == 3)
        }

        @Test func `Ranges are measured without labels`() throws {
            let folder = try WorkingFolder()
            let (_, graph) = try folder.change(["quantize", "shop/trained.onnx", "--data", "shop/plain"])
            #expect(graph.weights(.float32).isEmpty)
        }

        @Test(arguments: [
            ["train", "shop/model.onnx", "-o", "out.onnx"], ["evaluate", "shop/trained.onnx"],
            ["restructure", "shop/trained.onnx", "-o", "out.onnx"], ["slim", "-o", "out"],
            ["prune", "shop/trained.onnx", "--target-macs", "0.5", "--no-teacher", "-o", "out.onnx"],
            ["prune", "shop/trained.onnx", "--sparsity", "0.5", "--no-teacher", "-o", "out.onnx"],
        ])
        func `What needs labels says so`(_ command: [String]) throws {
            try WorkingFolder().expect(
                Refusal(
                    "no labels", command + ["--data", "shop/plain"], 65, says: "shop/plain", "The data has no labels",
                    "sort the files into DIR/train/CLASS"))
        }
    }
}
