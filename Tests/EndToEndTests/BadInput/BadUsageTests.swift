import Testing

extension EndToEnd {
    @Suite struct `Wrong usage` {
        private static let output = ["-o", "out.onnx"]
        private static let training = ["train", "shop/model.onnx", "--data", "shop/images"] + output
        private static let pruning = ["prune", "shop/trained.onnx"] + output
        private static let storing = ["quantize", "shop/trained.onnx"] + output
        private static let quantization = ["quantize", "shop/trained.onnx", "--data", "shop/images"] + output

        @Test(arguments: [
            Refusal("no such command", ["squeeze"], 64, says: "squeeze"),
            Refusal("no architecture", ["create"], 64, says: "Name an architecture"),
            Refusal("no output", ["create", "simple_cnn"], 64, says: "-o model.onnx"),
            Refusal("unknown architecture", ["create", "resnet-9000"] + output, 64, says: "resnet-9000", "resnet18"),
            Refusal("no classes", ["create", "simple_cnn", "--classes", "0"] + output, 64, says: "--classes must be"),
            Refusal(
                "too many classes", ["create", "simple_cnn", "--classes", "100000000000"] + output, 64,
                says: "--classes must be"),
            Refusal(
                "no number", ["create", "simple_cnn", "--classes", "many"] + output, 64, says: "many", "--classes"),
            Refusal(
                "partial of nothing", ["create", "simple_cnn", "--partial"] + output, 64, says: "--partial is about"),
            Refusal(
                "no input shape", ["create", "simple_cnn", "--input-shape", "28,28"] + output, 64,
                says: "28,28", "--input-shape"),
            Refusal(
                "small input", ["create", "cifar_resnet20", "--input-shape", "3x4x4"] + output, 64, says: "3x4x4",
                "cifar_resnet20"),
            Refusal(
                "other channels", ["create", "cifar_resnet20", "--input-shape", "1x32x32"] + output, 64,
                says: "1x32x32", "3 channels"),
            Refusal(
                "a clip for an image", ["create", "cifar_resnet20", "--input-shape", "3x16x32x32"] + output, 64,
                says: "3x16x32x32"),
            Refusal("threads", ["create", "simple_cnn", "--threads", "-1"] + output, 64, says: "--threads must be"),
            Refusal("seed", ["create", "simple_cnn", "--seed", "-1"] + output, 64, says: "-1", "--seed"),
            Refusal("no data", ["train", "shop/model.onnx"] + output, 64, says: "--data"),
            Refusal("epochs", training + ["--epochs", "0"], 64, says: "--epochs must be"),
            Refusal("many epochs", training + ["--epochs", "9000000000000000000"], 64, says: "--epochs must be"),
            Refusal("rate", training + ["--learning-rate", "-1"], 64, says: "--learning-rate must be positive"),
            Refusal("infinite rate", training + ["--learning-rate", "inf"], 64, says: "--learning-rate must be"),
            Refusal("decay", training + ["--weight-decay", "-1"], 64, says: "--weight-decay must not be negative"),
            Refusal(
                "clipping", training + ["--gradient-clipping", "nan"], 64, says: "--gradient-clipping must not be"),
            Refusal("optimizer", training + ["--optimizer", "magic"], 64, says: "magic", "sgd", "adamw"),
            Refusal("device", training + ["--device", "toaster"], 64, says: "toaster", "cpu or cuda"),
            Refusal("no target", pruning, 64, says: "--target-macs 0.5, or --sparsity"),
            Refusal("two targets", pruning + ["--sparsity", "0.5", "--target-macs", "0.5"], 64, says: "either"),
            Refusal(
                "two targets of channels", pruning + ["--target-macs", "0.5", "--target-parameters", "0.5"], 64,
                says: "--target-macs and --target-parameters"),
            Refusal(
                "neither a fraction nor a number", pruning + ["--target-macs", "1.5"], 64,
                says: "a fraction up to 1 or a whole number, not 1.5"),
            Refusal(
                "fine-tuning on nothing", pruning + ["--target-macs", "0.5", "--epochs", "5"], 64,
                says: "--epochs", "add --data"),
            Refusal(
                "answers to nothing", pruning + ["--target-macs", "0.5", "--feature-weight", "15"], 64,
                says: "--feature-weight", "add --data"),
            Refusal(
                "what no teacher says",
                pruning + ["--target-macs", "0.5", "--data", "shop/images", "--no-teacher", "--alpha", "0.5"], 64,
                says: "--alpha", "leave out --no-teacher"),
            Refusal(
                "no sparse learning", pruning + ["--target-macs", "0.5", "--sparse-strength", "0.1"], 64,
                says: "--sparse-strength", "add --sparse-learning"),
            Refusal(
                "protecting nothing", pruning + ["--target-macs", "0.5", "--protect", "conv9"], 64,
                says: "no layer or weight conv9", "inspect --graph"),
            Refusal(
                "protecting everything", pruning + ["--target-macs", "0.5", "--protect", "*"], 75,
                says: "loosen what binds", "without protected layers"),
            Refusal("unit", pruning + ["--target-latency", "5MB"], 64, says: "--target-latency takes", "12ms"),
            Refusal("rounds", pruning + ["--target-macs", "0.5", "--rounds", "0"], 64, says: "--rounds must be"),
            Refusal(
                "gradients", pruning + ["--target-macs", "0.5", "--criterion", "taylor"], 64,
                says: "taylor", "give it data"),
            Refusal(
                "sparse learning without data",
                pruning + ["--target-macs", "0.5", "--sparse-learning", "group-lasso"], 64, says: "give --data"),
            Refusal(
                "sparse learning without epochs",
                pruning + ["--target-macs", "0.5", "--sparse-learning", "group-lasso", "--data", "shop/images"]
                    + ["--epochs", "0"], 64, says: "--epochs other than 0"),
            Refusal(
                "reconstruction samples", pruning + ["--target-macs", "0.5", "--reconstruction-samples=-1"], 64,
                says: "--reconstruction-samples must not"),
            Refusal(
                "feature weight", pruning + ["--target-macs", "0.5", "--feature-weight=-1"], 64,
                says: "--feature-weight must not"),
            Refusal(
                "features of no teacher",
                pruning + ["--target-macs", "0.5", "--feature-weight", "2", "--no-teacher"], 64,
                says: "leave out --no-teacher"),
            Refusal(
                "sparse epochs", pruning + ["--target-macs", "0.5", "--sparse-epochs", "0"], 64,
                says: "--sparse-epochs must be"),
            Refusal(
                "sparse strength", pruning + ["--target-macs", "0.5", "--sparse-strength", "0"], 64,
                says: "--sparse-strength must be"),
            Refusal(
                "sparse learning",
                pruning + ["--target-macs", "0.5", "--sparse-learning", "magic", "--data", "shop/images"], 64,
                says: "magic", "group-lasso, growing-regularization"),
            Refusal("sparsity", pruning + ["--sparsity", "1.5"], 64, says: "sparsity of 1.5", "less than 1"),
            Refusal(
                "no pattern", pruning + ["--sparsity-pattern", "4:2"], 64, says: "4:2", "--sparsity-pattern <N:M>"),
            Refusal(
                "pattern and sparsity", pruning + ["--sparsity-pattern", "2:4", "--sparsity", "0.5"], 64,
                says: "2:4 says how many weights", "leave out --sparsity"),
            Refusal(
                "pattern and target", pruning + ["--sparsity-pattern", "2:4", "--target-macs", "0.5"], 64,
                says: "either", "--sparsity-pattern"),
            Refusal(
                "criterion for weights", pruning + ["--sparsity", "0.5", "--criterion", "l2"], 64,
                says: "--criterion is about channels"),
            Refusal(
                "heads for weights", pruning + ["--sparsity", "0.5", "--attention", "heads"], 64,
                says: "--attention is about channels"),
            Refusal("heads", pruning + ["--target-macs", "0.5", "--attention", "all"], 64, says: "head-dimensions"),
            Refusal(
                "scope for weights", pruning + ["--sparsity", "0.5", "--scope", "isomorphic"], 64,
                says: "--scope isomorphic compares channels"),
            Refusal(
                "all protected", pruning + ["--sparsity", "0.5", "--protect", "*"], 65, says: "* is protected"),
            Refusal("no MACs", pruning + ["--target-macs", "0"], 64, says: "more than 0 and at most 1"),
            Refusal("criterion", pruning + ["--target-macs", "0.5", "--criterion", "magic"], 64, says: "magic", "l1"),
            Refusal(
                "multiple", pruning + ["--target-macs", "0.5", "--channel-multiple", "0"], 64,
                says: "invalid for '--channel-multiple"),
            Refusal("no calibration data", ["quantize", "shop/model.onnx"] + output, 64, says: "--data", "--dynamic"),
            Refusal(
                "two ways to quantize", quantization + ["--dynamic"], 64, says: "--data", "--dynamic",
                "Give only one of"),
            Refusal(
                "weights only with data", quantization + ["--weights-only", "int8"], 64, says: "--data",
                "--weights-only int8"),
            Refusal("no form", storing + ["--weights-only", "int3"], 64, says: "int3", "int8", "bfloat16"),
            Refusal(
                "no groups", storing + ["--weights-only", "int4", "--group-size", "0"], 64,
                says: "--group-size must be at least 8"),
            Refusal(
                "groups of halves", storing + ["--weights-only", "float16", "--group-size", "64"], 64,
                says: "float16 has no scales"),
            Refusal("groups of what", storing + ["--dynamic", "--group-size", "64"], 64, says: "--weights-only"),
            Refusal(
                "drop of weights", storing + ["--weights-only", "int8", "--max-drop", "1"], 64,
                says: "--max-drop", "not forms of weights"),
            Refusal(
                "unit of size", storing + ["--weights-only", "int8", "--target-file-size", "5ms"], 64,
                says: "--target-file-size takes", "2.5MB"),
            Refusal("calibrator", quantization + ["--calibrator", "magic"], 64, says: "magic", "min-max"),
            Refusal("dynamic and aware", quantization + ["--dynamic", "--aware"], 64, says: "--aware learns scales"),
            Refusal("limits and aware", quantization + ["--max-drop", "1", "--aware"], 64, says: "leave one out"),
            Refusal("training without a word", quantization + ["--epochs", "2"], 64, says: "--epochs", "add --aware"),
            Refusal("freeze", quantization + ["--aware", "--freeze-after", "2"], 64, says: "--freeze-after must be"),
            Refusal("aware share", quantization + ["--aware", "--alpha", "-1"], 64, says: "--alpha"),
            Refusal("target", quantization + ["--target", "toaster"], 64, says: "toaster", "x86-vnni"),
            Refusal(
                "alpha",
                [
                    "distill", "shop/model.onnx", "--teacher", "shop/teacher.onnx", "--data", "shop/images", "--alpha",
                    "2",
                ] + output, 64, says: "--alpha must be between 0 and 1"),
            Refusal(
                "split", ["evaluate", "shop/model.onnx", "--data", "shop/images", "--split", "half"], 64, says: "half"),
            Refusal("inspected batch", ["inspect", "shop/model.onnx", "--batch", "0"], 64, says: "--batch must be"),
            Refusal("seconds", ["bench", "shop/model.onnx", "--seconds", "inf"], 64, says: "--seconds must be"),
            Refusal(
                "batch beyond memory", ["bench", "shop/model.onnx", "--batch", "100000000"], 64,
                says: "shop/model.onnx", "lower --batch"),
        ])
        func `A wrong option is named with what is allowed`(_ refusal: Refusal) throws {
            try WorkingFolder().expect(refusal)
        }

        @Test func `A target that cannot be met has its own status, and the message says what can`() throws {
            try WorkingFolder().expect(
                Refusal(
                    "too few MACs", Self.pruning + ["--target-macs", "0.0001"], 75, says: "it still has",
                    "raise the target"))
        }
    }
}
