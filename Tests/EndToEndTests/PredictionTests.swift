import BantamTestSupport
import Testing

extension EndToEnd {
    @Suite struct `Prediction` {
        private struct Predictions: Decodable {
            struct Prediction: Decodable {
                var file: String
                var classes: [Share]
            }

            struct Share: Decodable {
                var `class`: String
                var probability: Double
            }

            var predictions: [Prediction]
        }

        private static let pictures = TinyData.classNames.map { "shop/images/test/\($0)/0.png" }

        private func predict(_ arguments: [String], in folder: WorkingFolder) throws -> [Predictions.Prediction] {
            try folder.bantam(["predict"] + arguments + ["--json"]).succeeded().json(as: Predictions.self).predictions
        }

        @Test func `A trained model tells each picture's class by its name, in the order of the files`() throws {
            let folder = try WorkingFolder()
            try folder.bantam(
                "train", "shop/model.onnx", "--data", "shop/images", "-o", "trained.onnx", "--epochs", "3",
                "--batch-size", "8"
            ).succeeded()
            let predictions = try predict(["trained.onnx"] + Self.pictures, in: folder)
            #expect(predictions.map(\.file) == Self.pictures)
            #expect(predictions.map(\.classes[0].class) == TinyData.classNames)
            for prediction in predictions {
                let shares = prediction.classes.map(\.probability)
                #expect(shares.count == 3 && shares == shares.sorted(by: >))
                #expect(abs(shares.reduce(0, +) - 1) < 1e-5)
            }
            let text = try folder.bantam(["predict", "trained.onnx", Self.pictures[2], "--top", "1"]).succeeded().output
            let lines = text.split(separator: "\n")
            #expect(lines.count == 2 && lines[0] == Self.pictures[2])
            #expect(lines[1].hasPrefix("  right  ") && lines[1].hasSuffix(" %"))
        }

        @Test func `Names come from a file, and numbers stand where there are none`() throws {
            let folder = try WorkingFolder()
            try TinyData.write(Array("a\nb\nc\n".utf8), to: folder.file("names.txt"))
            let named = try predict(["shop/trained.onnx", Self.pictures[0], "--labels", "names.txt"], in: folder)
            #expect(Set(named[0].classes.map(\.class)) == ["a", "b", "c"])
            try folder.bantam("create", "simple_cnn", "--classes", "3", "-o", "unnamed.onnx").succeeded()
            let unnamed = try predict(["unnamed.onnx", Self.pictures[0], "--preprocessing", "mnist"], in: folder)
            #expect(Set(unnamed[0].classes.map(\.class)) == ["0", "1", "2"])
        }

        @Test func `One score stands for two classes`() throws {
            let folder = try WorkingFolder()
            let model = fixture("cases/binary.onnx")
            let picture = fixture("cases/images/labelled/test/b/025.png")
            let classes = try predict([model, picture, "--preprocessing", "cifar10"], in: folder)[0].classes
            #expect(Set(classes.map(\.class)) == ["0", "1"])
            #expect(abs(classes[0].probability + classes[1].probability - 1) < 1e-6)
            #expect(classes.allSatisfy { (0...1).contains($0.probability) })
        }

        @Test func `What cannot be predicted is refused with one sentence`() throws {
            let folder = try WorkingFolder()
            let damaged = "shop/broken/cut-image/test/left/3.png"
            let picture = Self.pictures[0]
            func expect(_ name: String, _ arguments: [String], _ status: Int32, _ says: String...) throws {
                var refusal = Refusal(name, ["predict"] + arguments, status)
                refusal.says = says
                try folder.expect(refusal)
            }
            try expect("damaged", ["shop/trained.onnx", picture, damaged], 65, damaged, "damaged")
            try expect("absent", ["shop/trained.onnx", "absent.png"], 65, "absent.png")
            try expect("folder", ["shop/trained.onnx", "shop/plain"], 65, "shop/plain", "folder")
            try expect("ending", ["shop/trained.onnx", "shop/model.onnx"], 65, "shop/model.onnx", "ending")
            try expect("no classes", [fixture("cases/segmenter.onnx"), picture], 65, "gives no class scores")
            try expect("no preprocessing", ["shop/model.onnx", picture], 65, "shop/model.onnx", "--preprocessing")
            try expect("no model", ["absent.onnx", picture], 65, "absent.onnx")
            try TinyData.write(Array("a\nb\n".utf8), to: folder.file("two.txt"))
            try expect(
                "names", ["shop/trained.onnx", picture, "--labels", "two.txt"], 65, "2 classes where the model has 3")
            let usage = try folder.bantam(["predict", "shop/trained.onnx", picture, "--top", "0"])
            #expect(usage.status == 64 && usage.error.contains("--top must be at least 1"))
        }
    }
}
