import BantamGraph
import BantamNetwork
import BantamONNX
import BantamTestSupport
import OrderedCollections
import Testing

/// What `create --json` prints.
private struct Creation: Decodable {
    struct Architecture: Decodable {
        var classes: Int
        var input: [Int]
    }
    struct Weights: Decodable {
        struct Plan: Decodable {
            var loaded: [String]
            var missing: [String]
            var unused: [String]
            var reinitialized: [String]
            var prefix: String
        }
        var format: String
        var path: [String]
        var plan: Plan
    }
    var architectures: [Architecture]
    var weights: Weights?
}

extension EndToEnd {
    @Suite struct `Weight files` {
        private static let output = ["-o", "out.onnx"]

        /// The weights of a model as a file, with names that have `prefix` in front.
        private func weights(
            of model: String, in folder: WorkingFolder, prefix: String = ""
        ) throws -> OrderedDictionary<String, TensorData> {
            let graph = try ONNXFile.read(folder.file(model)).graph
            return OrderedDictionary(
                uniqueKeysWithValues: try graph.parameters.map {
                    ("\(prefix)\(graph[$0].name)", try #require(graph.constants[$0]))
                })
        }

        private func write(_ tensors: OrderedDictionary<String, TensorData>, in folder: WorkingFolder) throws {
            try SafeTensors(tensors: tensors).write(to: folder.file("weights.safetensors"))
        }

        private func create(_ folder: WorkingFolder, _ options: String...) throws -> Creation {
            let file = ["--weights", "weights.safetensors", "--json"]
            return try folder.bantam(["create", "simple_cnn"] + Self.output + file + options).succeeded().json()
        }

        @Test func `A model created from weights is the model they are from`() throws {
            let folder = try WorkingFolder()
            try folder.bantam("create", "simple_cnn", "--seed", "3", "-o", "source.onnx").succeeded()
            try write(try weights(of: "source.onnx", in: folder, prefix: "module."), in: folder)
            let creation = try create(folder)
            #expect(creation.weights?.format == "safetensors" && creation.weights?.plan.prefix == "module.")
            #expect(creation.weights?.plan.loaded.count == 8)
            #expect(try weights(of: "out.onnx", in: folder) == weights(of: "source.onnx", in: folder))
        }

        @Test func `Other classes keep all but the classifier, and the output says so`() throws {
            let folder = try WorkingFolder()
            try write(try weights(of: "shop/model.onnx", in: folder), in: folder)
            let creation = try create(folder, "--classes", "7")
            #expect(creation.weights?.plan.reinitialized == ["fc2.weight", "fc2.bias"])
            #expect(creation.architectures.first?.classes == 7)
            let run = try folder.bantam(
                "create", "simple_cnn", "--classes", "7", "--weights", "weights.safetensors", "-o", "out.onnx")
            #expect(try run.succeeded().output.contains("re-initialized  the classifier: fc2.weight, fc2.bias"))
            let made = try weights(of: "out.onnx", in: folder)
            #expect(try made["conv1.weight"] == weights(of: "shop/model.onnx", in: folder)["conv1.weight"])
            // Drawn, not left at zero.
            #expect(made["fc2.weight"]?.elements(of: Float.self).allSatisfy { $0 == 0 } == false)
        }

        @Test func `Weights that are missing are an error, or random with --partial`() throws {
            let folder = try WorkingFolder()
            var tensors = try weights(of: "shop/model.onnx", in: folder)
            tensors["conv2.weight"] = nil
            tensors["spare.weight"] = TensorData(zeros: TensorType(.float32, [2]))
            try write(tensors, in: folder)
            let arguments =
                ["create", "simple_cnn", "--classes", "3", "--weights", "weights.safetensors"] + Self.output
            try folder.expect(
                Refusal(
                    "missing", arguments, 65, says: "weights.safetensors", "lacks conv2.weight",
                    "without a place: spare.weight"))
            let plan = try create(folder, "--classes", "3", "--partial").weights?.plan
            #expect(plan?.missing == ["conv2.weight"] && plan?.unused == ["spare.weight"])
            let made = try weights(of: "out.onnx", in: folder)
            #expect(made["conv2.weight"]?.elements(of: Float.self).allSatisfy { $0 == 0 } == false)
        }

        @Test func `Class names and the published preprocessing are stored`() throws {
            struct Inspection: Decodable { var metadata: [String: String] }
            let folder = try WorkingFolder()
            try AtomicFile.write("n01 cat\n n02 dog \nn03 cow\n\n", to: folder.file("names.txt"))
            let options = ["--labels", "names.txt", "--input-shape", "3x48x48", "--json"]
            let creation: Creation = try folder.bantam(["create", "cifar_resnet20"] + Self.output + options)
                .succeeded().json()
            #expect(creation.architectures.first?.classes == 3)
            #expect(creation.architectures.first?.input == [3, 48, 48])
            let metadata = try folder.bantam("inspect", "out.onnx", "--json").succeeded().json(as: Inspection.self)
                .metadata
            #expect(metadata["bantam.classes"] == #"["n01 cat","n02 dog","n03 cow"]"#)
            #expect(metadata["bantam.preprocessing"]?.contains(#""mean":[0.485,0.456,0.406]"#) == true)
            #expect(metadata["bantam.preprocessing"]?.contains(#""exact":{"height":48,"width":48}"#) == true)
        }

        private static func creation(_ name: String, _ weights: String, says: String...) -> Refusal {
            var refusal = Refusal(name, ["create", "simple_cnn", "--weights", weights] + output, 65)
            refusal.says = [weights] + says
            return refusal
        }

        private static func label(_ name: String, _ labels: String, says: String...) -> Refusal {
            var refusal = Refusal(name, ["create", "simple_cnn", "--labels", labels] + output, 65)
            refusal.says = [labels] + says
            return refusal
        }

        static let refusals: [Refusal] = [
            creation("no file", "nowhere.pth", says: "No such file"),
            creation("a folder", "shop/images", says: "not a file"),
            creation("text", "shop/broken/text.pth", says: "neither PyTorch's"),
            creation("a model", "shop/model.onnx", says: "neither PyTorch's"),
            creation("a cut archive", "shop/broken/cut.pth", says: "cut off"),
            creation("a program", "shop/broken/program.pth", says: "os.system", "only tensors are read"),
            label("no labels", "nowhere.txt", says: "cannot be read"),
            label("an empty line", "shop/broken/gap.txt", says: "line 2 is empty"),
            label("bytes", "shop/broken/bytes.txt", says: "no text"),
            label("an empty list", "shop/broken/empty.txt", says: "it is empty"),
        ]

        @Test(arguments: refusals)
        func `A file that cannot be used is named, with what is wrong`(_ refusal: Refusal) throws {
            try WorkingFolder().expect(refusal)
        }

        @Test func `Weights of another network and labels of another count are refused`() throws {
            let folder = try WorkingFolder()
            try write(["stem.weight": TensorData(zeros: TensorType(.float32, [3]))], in: folder)
            let arguments = ["create", "simple_cnn", "--weights", "weights.safetensors"] + Self.output
            try folder.expect(Refusal("another", arguments, 65, says: "stem.weight", "conv1.weight"))
            try AtomicFile.write("a\nb\n", to: folder.file("two.txt"))
            let labelled = ["create", "simple_cnn", "--labels", "two.txt", "--classes", "3"] + Self.output
            try folder.expect(Refusal("labels", labelled, 65, says: "two.txt", "2 classes where the model has 3"))
        }
    }

    @Suite struct `Classes by name` {
        struct Evaluation: Decodable {
            struct Class: Decodable, Equatable {
                var name: String
                var samples: Int
                var correct: Int
            }
            var top1: Double
            var classes: [Class]
        }

        private func evaluate(_ folder: WorkingFolder, _ data: String, _ options: String...) throws -> Evaluation {
            let arguments = ["evaluate", "shop/trained.onnx", "--data", "shop/\(data)", "--json"] + options
            return try folder.bantam(arguments).succeeded().json()
        }

        @Test func `Data with some of a model's classes is judged among all of them`() throws {
            let folder = try WorkingFolder()
            let all = try evaluate(folder, "images")
            let some = try evaluate(folder, "broken/two-classes")
            #expect(all.classes.map(\.name) == ["left", "middle", "right"])
            #expect(some.classes == Array(all.classes.prefix(2)))
        }

        @Test func `Labels name the outputs of a model, in whichever order`() throws {
            let folder = try WorkingFolder()
            try AtomicFile.write("n1 right\nn2 left\nn3 middle\n", to: folder.file("names.txt"))
            let moved = try evaluate(folder, "images", "--labels", "names.txt")
            #expect(Set(moved.classes.map(\.name)) == ["n1 right", "n2 left", "n3 middle"])
            #expect(moved.classes.allSatisfy { $0.samples == TinyData.testSamplesPerClass })
            // The outputs mean something else than what was learned.
            #expect(try moved.top1 < evaluate(folder, "images").top1)
        }
    }
}
