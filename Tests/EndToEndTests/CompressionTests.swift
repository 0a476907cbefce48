import BantamGraph
import BantamONNX
import Testing

extension EndToEnd {
    @Suite struct `Making smaller` {
        private let fineTuning = ["--data", "shop/images"] + Workshop.training

        @Test func `Pruning to half of the MACs removes real channels`() throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(
                ["prune", "shop/trained.onnx", "--target-macs", "0.5"] + fineTuning)
            #expect(change.after.macs * 2 <= change.before.macs)
            #expect(change.after.macs * 3 > change.before.macs)
            #expect(change.after.parameters < change.before.parameters)
            #expect(change.after.fileBytes < change.before.fileBytes)
            let channels = try graph.nodes("Conv").map { node in
                try #require(node.inputs[1].flatMap { graph.constants[$0] }).shape
            }
            #expect(channels[0][0] < 10 || channels[1][0] < 20)
            #expect(channels[1][1] == channels[0][0])
            #expect(try folder.accuracy(of: "out.onnx").samples == 15)
            // So small a model may come out as fast as it was; that it was timed is what counts.
            #expect(try #require(change.speed).speedup > 0.5)
        }

        @Test func `Pruning to a multiple of channels keeps such multiples`() throws {
            let folder = try WorkingFolder()
            let (_, graph) = try folder.change(
                ["prune", "shop/trained.onnx", "--target-macs", "0.6", "--channel-multiple", "5"])
            for node in graph.nodes("Conv") {
                let weight = try #require(node.inputs[1].flatMap { graph.constants[$0] })
                #expect(weight.shape[0] % 5 == 0)
            }
        }

        @Test func `Channel shuffles go with the channels, and it is said`() throws {
            let folder = try WorkingFolder()
            try folder.bantam("create", "shufflenet_v2_x0_5", "--classes", "3", "-o", "whole.onnx").succeeded()
            let run = try folder.bantam(
                "prune", "whole.onnx", "--target-macs", "0.6", "--channel-multiple", "1", "-o", "out.onnx", "--json")
            let change = try run.succeeded().json(as: Change.self)
            #expect(change.notes.first?.hasPrefix("16 channel shuffles removed") == true)
            #expect(try ONNXFile.read(folder.file("out.onnx")).graph.nodes("Transpose").isEmpty)
        }

        @Test func `Files and times are targets too, in rounds and by criteria that look at the loss`() throws {
            let folder = try WorkingFolder()
            let bySize = ["--target-file-size", "50%", "--criterion", "taylor", "--rounds", "2", "--augment", "flip"]
            let (change, _) = try folder.change(["prune", "shop/trained.onnx"] + bySize + fineTuning)
            #expect(change.after.fileBytes * 2 <= change.before.fileBytes + 2 * 1000)
            let (faster, _) = try folder.change(["prune", "shop/trained.onnx", "--target-latency", "1000ms"])
            #expect(faster.after.macs == faster.before.macs)
        }

        @Test func `A file is as small as was asked for, with its normalization and its record`() throws {
            let folder = try WorkingFolder()
            try folder.bantam("create", "cifar_resnet20", "-o", "whole.onnx").succeeded()
            for target in [["--target-file-size", "400kB"], ["--target-latency", "80%"]] {
                let run = try folder.bantam(
                    ["prune", "whole.onnx", "--channel-multiple", "8", "--threads", "1", "-o", "out.onnx", "--json"]
                        + target)
                let change = try run.succeeded().json(as: Change.self)
                let channels = try #require(change.channels)
                #expect(channels.channelMultiple == 8 && channels.layers.allSatisfy { $0.after % 8 == 0 })
                #expect(channels.layers.allSatisfy { $0.after < $0.before } && change.after.macs < change.before.macs)
                if target[0] == "--target-file-size" {
                    #expect((300_000...400_000).contains(change.after.fileBytes))
                    #expect(channels.amountAfter == Double(change.after.fileBytes))
                } else {
                    #expect(channels.amountAfter < 0.9 * channels.amountBefore)
                }
            }
        }

        @Test func `What stays takes over from what goes, without training`() throws {
            let folder = try WorkingFolder()
            func accuracy(_ options: [String]) throws -> Double {
                let (change, _) = try folder.change(
                    ["prune", "shop/trained.onnx", "--target-macs", "0.5", "--data", "shop/images", "--epochs", "0"]
                        + options)
                #expect(change.after.macs * 2 <= change.before.macs)
                return try folder.accuracy(of: "out.onnx").top1
            }
            let plain = try accuracy(["--reconstruction-samples", "0", "--recalibration-samples", "0"])
            #expect(try accuracy([]) >= plain)
            #expect(try accuracy(["--criterion", "reconstruction"]) >= plain)
        }

        @Test(arguments: ["group-lasso", "growing-regularization"])
        func `Channels can be driven towards zero before they go`(method: String) throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(
                [
                    "prune", "shop/trained.onnx", "--target-macs", "0.5", "--sparse-learning", method,
                    "--sparse-epochs", "1",
                ]
                    + fineTuning)
            #expect(change.after.macs * 2 <= change.before.macs)
            #expect(try #require(graph.metadata["bantam.record"]).contains(method))
        }

        @Test func `What can be pruned is explained, and nothing is written`() throws {
            let folder = try WorkingFolder()
            let before = try folder.contents()
            let run = try Binary.run(["prune", "shop/trained.onnx", "--explain"], in: folder.path).succeeded()
            #expect(run.output.contains("3 groups of channels can be pruned"))
            #expect(run.output.contains("logits is an output of the model"))
            #expect(try folder.contents() == before)
        }

        @Test func `Exactly 80 % of the weights stay zero through fine-tuning`() throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(["prune", "shop/trained.onnx", "--sparsity", "0.8"] + fineTuning)
            let weights = graph.weights(.float32)
            let total = weights.map(\.elementCount).reduce(0, +)
            let zeros = weights.map { weight in weight.elements(of: Float.self).count { $0 == 0 } }.reduce(0, +)
            #expect(zeros == Int((Double(total) * 0.8).rounded()))
            #expect(change.after.macs == change.before.macs)
            #expect(change.after.parameters - change.after.nonzeroParameters == zeros)
        }

        @Test func `Static quantization stores INT8 weights between QDQ nodes`() throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(
                ["quantize", "shop/trained.onnx", "--data", "shop/images", "--samples", "24"])
            #expect(graph.weights(.float32).isEmpty)
            #expect(graph.weights(.int8).map(\.elementCount).reduce(0, +) > 20_000)
            #expect(!graph.nodes("QuantizeLinear").isEmpty && !graph.nodes("DequantizeLinear").isEmpty)
            #expect(change.after.fileBytes * 5 < change.before.fileBytes * 2)
            #expect(change.trainingSeconds == 0)
        }

        @Test func `A model trained for INT8 is stored like one that was only measured`() throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(
                ["quantize", "shop/trained.onnx", "--aware", "--samples", "24", "--augment", "cutmix"] + fineTuning)
            #expect(change.trainingSeconds > 0)
            #expect(graph.weights(.float32).isEmpty)
            #expect(graph.weights(.int8).map(\.elementCount).reduce(0, +) > 20_000)
            #expect(!graph.nodes("QuantizeLinear").isEmpty && graph.nodes("FakeQuantize").isEmpty)
            #expect(change.after.fileBytes * 5 < change.before.fileBytes * 2)
            #expect(try #require(graph.metadata["bantam.record"]).contains("quantizeAware"))
        }

        @Test func `Dynamic quantization stores INT8 weights for integer operators`() throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(["quantize", "shop/trained.onnx", "--dynamic"])
            #expect(graph.weights(.float32).isEmpty)
            #expect(graph.nodes("ConvInteger").count == 2 && graph.nodes("MatMulInteger").count == 2)
            #expect(change.after.fileBytes * 5 < change.before.fileBytes * 2)
        }

        @Test func `Quantized files keep the answers`() throws {
            let folder = try WorkingFolder()
            let original = try folder.accuracy(of: "shop/trained.onnx")
            let quantized = try folder.accuracy(of: "shop/quantized.onnx")
            #expect(abs(original.top1 - quantized.top1) < 0.1)
        }

        @Test func `Restructuring makes dense convolutions depthwise-separable`() throws {
            let folder = try WorkingFolder()
            let (change, graph) = try folder.change(["restructure", "shop/trained.onnx"] + fineTuning)
            #expect(graph.nodes("Conv").count == 4)
            #expect(change.after.macs * 2 < change.before.macs)
            #expect(change.after.parameters < change.before.parameters)
        }

        @Test func `Methods chain by their files`() throws {
            let folder = try WorkingFolder()
            try folder.bantam("prune", "shop/trained.onnx", "--target-macs", "0.5", "-o", "1.onnx").succeeded()
            try folder.bantam(
                ["distill", "1.onnx", "--teacher", "shop/trained.onnx", "-o", "2.onnx"] + fineTuning
            ).succeeded()
            let run = try folder.bantam(
                "quantize", "2.onnx", "--data", "shop/images", "--samples", "24", "-o", "3.onnx", "--json")
            let change = try run.succeeded().json(as: Change.self)
            let original = try folder.bytes(of: "shop/trained.onnx").count
            #expect(change.after.fileBytes * 4 < original)
            #expect(try folder.accuracy(of: "3.onnx").samples == 15)
        }
    }
}
