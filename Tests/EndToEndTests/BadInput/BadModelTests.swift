import Testing

extension EndToEnd {
    @Suite struct `Unusable models` {
        /// Models under `shop/broken`, and what a message about them must name beside the file.
        static let models: [(file: String, says: String)] = [
            ("random", "This is no ONNX model"),
            ("cut-gzip", "The gzipped file is damaged (it ends early)"),
            ("onnx/empty_file", "The file is empty"),
            ("onnx/cycle", "a cycle through first (Add), second (Relu)"),
            ("unknown-operator", "The operator Gemn is not supported (did you mean Gemm?)"),
            ("onnx/undefined_value", "node relu (Relu): Its input nowhere"),
            ("swapped-shape", "node fc1 (Gemm)"),
            ("wrong-dtype", "node fc1 (Gemm)"),
            ("onnx/unknown_element_type", "element type"),
            ("onnx/raw_data_short", "24 bytes; it has 20"),
            ("onnx/opset_6", "Opset 6 is not supported"),
            ("onnx/external_missing", "absent.bin"),
            ("onnx/external_too_short", "64 bytes at 0 of not_protobuf.onnx, which has only 29"),
            ("onnx/external_offset", "not_protobuf.onnx, which has only 29"),
            ("onnx/external_length", "64 bytes; it has 8"),
            ("onnx/external_parent", "outside the model's folder"),
            ("onnx/external_hidden_parent", "outside the model's folder"),
            ("onnx/external_absolute", "outside the model's folder"),
        ]

        static let refusals = models.flatMap { model in
            let path = "shop/broken/\(model.file).onnx"
            return [
                ["inspect", path],
                ["evaluate", path, "--data", "shop/images"],
                ["prune", path, "--sparsity", "0.5", "-o", "out.onnx"],
                ["quantize", path, "--dynamic", "-o", "out.onnx"],
                ["distill", "shop/model.onnx", "--teacher", path, "--data", "shop/images", "-o", "out.onnx"],
                ["bench", path],
                ["verify", "shop/model.onnx", path, "--data", "shop/images"],
                ["slim", path, "--data", "shop/images", "-o", "out"],
            ].map { Refusal(model.file, $0, 65, says: path, model.says) }
        }

        @Test(arguments: refusals)
        func `Every command names the file and what is wrong in it`(_ refusal: Refusal) throws {
            try WorkingFolder().expect(refusal)
        }

        @Test(arguments: [
            ["prune", "--target-macs", "0.5", "--criterion", "random"], ["prune", "--sparsity", "0.5"],
            ["quantize", "--dynamic"], ["train", "--data", "shop/images", "--epochs", "1"],
        ])
        func `A weight that is not a number is named before anything is done`(_ command: [String]) throws {
            try WorkingFolder().expect(
                Refusal(
                    "NaN", [command[0], "shop/broken/nan.onnx"] + command.dropFirst() + ["-o", "out.onnx"], 65,
                    says: "shop/broken/nan.onnx", "conv1.weight"))
        }

        @Test(arguments: 1..<8)
        func `A model is refused wherever it is cut off`(_ part: Int) throws {
            let path = "shop/broken/truncated-\(part).onnx"
            try WorkingFolder().expect(
                Refusal("cut", ["inspect", path], 65, says: path, "(byte ", "download it again"))
        }

        @Test(arguments: [
            Refusal(
                "no file", ["inspect", "nowhere.onnx"], 65, says: "nowhere.onnx", "No such file", "check its path"),
            Refusal("a folder", ["inspect", "shop/images"], 65, says: "shop/images", "not a file"),
            Refusal(
                "no teacher",
                ["distill", "shop/model.onnx", "--teacher", "nowhere.onnx", "--data", "shop/images", "-o", "out.onnx"],
                65, says: "nowhere.onnx", "No such file"),
            Refusal(
                "a teacher that sees otherwise",
                [
                    "distill", "shop/model.onnx", "--teacher", "shop/trained.onnx", "--data", "shop/images",
                    "--preprocessing", "mnist", "--augment", "flip", "-o", "out.onnx",
                ], 64, says: "shop/trained.onnx", "prepared otherwise", "leave out --augment"),
            Refusal(
                "other preprocessing", ["evaluate", "shop/broken/metadata.onnx", "--data", "shop/images"], 65,
                says: "shop/broken/metadata.onnx", "preprocessing", "colorOrder", "export it again"),
            Refusal(
                "other class names", ["evaluate", "shop/broken/classes.onnx", "--data", "shop/images"], 65,
                says: "shop/broken/classes.onnx", "classes"),
            Refusal(
                "training integers",
                ["train", "shop/quantized.onnx", "--data", "shop/images", "--epochs", "1", "-o", "out.onnx"], 65,
                says: "shop/quantized.onnx", "quantized already", "quantize last"),
            Refusal(
                "quantizing integers", ["quantize", "shop/quantized.onnx", "--dynamic", "-o", "out.onnx"], 65,
                says: "shop/quantized.onnx", "quantized already"),
            Refusal(
                "slimming integers", ["slim", "shop/quantized.onnx", "--data", "shop/images", "-o", "out"], 65,
                says: "shop/quantized.onnx", "quantized already"),
            Refusal(
                "diverging training",
                [
                    "train", "shop/model.onnx", "--data", "shop/images", "--epochs", "1", "--batch-size", "8",
                    "--learning-rate", "1e30", "-o", "out.onnx",
                ], 65, says: "The training diverged 5 times", "lower --learning-rate"),
        ])
        func `Models that cannot serve the command are refused`(_ refusal: Refusal) throws {
            try WorkingFolder().expect(refusal)
        }

        @Test func `With --json the failure is one object, too`() throws {
            struct Failure: Decodable {
                struct Details: Decodable {
                    var code: String
                    var message: String
                }
                var error: Details
            }
            let folder = try WorkingFolder()
            let run = try folder.bantam("inspect", "shop/broken/onnx/cycle.onnx", "--json")
            run.expectRefusal(65, says: ["a cycle"])
            let failure = try run.json(as: Failure.self).error
            #expect(failure.code == "cycle" && run.error == "bantam: error: \(failure.message)\n")
        }
    }
}
