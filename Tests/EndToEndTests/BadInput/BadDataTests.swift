import Testing

extension EndToEnd {
    @Suite struct `Unusable data sets` {
        static let refusals: [Refusal] = {
            let layouts = "image folder (DIR/train/CLASS/*.png"
            return [
                refusal("empty folder", "broken/empty", says: "The data set is empty", layouts),
                refusal("no data set", "broken/other", says: "is no data set", layouts),
                refusal("no folder", "nowhere", says: "no such folder"),
                refusal("a file", "model.onnx", says: "no folder"),
                refusal("one part only", "broken/train-only", says: #"has no "test" part, only train"#),
                refusal(
                    "class without images", "broken/empty-class", names: "broken/empty-class/test/right",
                    says: "holds no image", "remove the folder"),
                refusal(
                    "text instead of an image", "broken/text-image", names: "broken/text-image/test/left/3.png",
                    says: "neither a PNG nor a JPEG", "convert it"),
                refusal(
                    "cut image", "broken/cut-image", names: "broken/cut-image/test/left/3.png", says: "damaged",
                    "restore the file or remove it"),
                refusal(
                    "empty image", "broken/no-image", names: "broken/no-image/test/left/3.png", says: "empty"),
                refusal(
                    "fewer classes, of other names", "broken/other-classes", names: "trained.onnx",
                    says: "3 classes", "broken/other-classes has 2", "the model knows no class down"),
                refusal("more classes", "idx", names: "trained.onnx", says: "3 classes", "idx has 10"),
                refusal(
                    "cut IDX file", "broken/idx-cut", names: "broken/idx-cut/t10k-images-idx3-ubyte", says: "ends after"
                ),
                refusal(
                    "label beyond the classes", "broken/idx-labels", names: "broken/idx-labels/t10k-labels-idx1-ubyte",
                    says: "Label 15"),
                refusal(
                    "no IDX file", "broken/idx-magic", names: "broken/idx-magic/t10k-images-idx3-ubyte",
                    says: "not with 0, 0"),
            ]
        }()

        private static func refusal(_ name: String, _ data: String, names file: String? = nil, says: String...)
            -> Refusal
        {
            var refusal = Refusal(name, ["evaluate", "shop/trained.onnx", "--data", "shop/\(data)"], 65)
            refusal.says = ["shop/\(file ?? data)"] + says
            return refusal
        }

        @Test(arguments: refusals)
        func `Evaluating names the file or folder and what to do`(_ refusal: Refusal) throws {
            try WorkingFolder().expect(refusal)
        }

        @Test(arguments: [
            ["train", "shop/model.onnx"], ["prune", "shop/model.onnx", "--target-macs", "0.5"],
            ["quantize", "shop/model.onnx"], ["distill", "shop/model.onnx", "--teacher", "shop/trained.onnx"],
            ["restructure", "shop/model.onnx"],
        ])
        func `No command leaves a file when an image is unreadable or the data set empty`(_ command: [String]) throws {
            let folder = try WorkingFolder()
            for (data, text) in [("text-image", "text-image/train/left/3.png"), ("empty", "The data set is empty")] {
                let arguments = command + ["--data", "shop/broken/\(data)", "-o", "out.onnx"]
                try folder.expect(Refusal(data, arguments, 65, says: text))
            }
        }

        @Test(arguments: [
            ["prune", "--target-macs", "0.5", "-o", "out.onnx"], ["quantize", "-o", "out.onnx"], ["evaluate"],
            ["sensitivity"],
        ])
        func `Samples that become no input of the model are refused with both shapes`(_ command: [String]) throws {
            let arguments =
                [command[0], "shop/trained.onnx", "--data", "shop/images", "--preprocessing", "imagenet"]
                + command.dropFirst()
            try WorkingFolder().expect(
                Refusal("channels", arguments, 65, says: "takes samples of [1, 28, 28]", "the data give [3, "))
        }

        @Test func `Slimming a model needs data of its classes`() throws {
            let arguments = ["slim", "shop/trained.onnx", "--data", "shop/idx", "-o", "out"]
            try WorkingFolder().expect(Refusal("classes", arguments, 65, says: "trained.onnx", "idx has 10"))
        }

        @Test(arguments: ["shop/broken/empty", "shop/broken/empty-class", "nowhere"])
        func `Slimming makes no folder for data that cannot be opened`(_ data: String) throws {
            try WorkingFolder().expect(Refusal(data, ["slim", "--data", data, "-o", "out"], 65, says: data))
        }
    }
}
