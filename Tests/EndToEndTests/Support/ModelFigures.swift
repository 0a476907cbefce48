import BantamGraph
import BantamONNX
import Testing

/// What `train`, `prune` and the like print with `--json`.
struct Change: Decodable {
    struct Figures: Decodable, Equatable {
        var parameters: Int
        var nonzeroParameters: Int
        var macs: Int
        var fileBytes: Int
    }

    var input: String
    var output: String
    var before: Figures
    var after: Figures
    var trainingSeconds: Double
    var channels: Channels?
    var speed: Speed?
    var notes: [String]

    struct Channels: Decodable {
        struct Layer: Decodable {
            var label: String
            var before: Int
            var after: Int
        }

        var amountBefore: Double
        var amountAfter: Double
        var channelMultiple: Int
        var layers: [Layer]
    }

    struct Speed: Decodable {
        var speedup: Double
    }
}

/// What `evaluate` prints with `--json`.
struct Accuracy: Decodable {
    struct Class: Decodable {
        var name: String
        var samples: Int
        var correct: Int
    }

    var top1: Double
    var samples: Int
    var runtime: String
    var classes: [Class]
}

extension WorkingFolder {
    /// Changes a model, checks that the result is the one new file and can be run, and returns both.
    ///
    /// - Parameter arguments: The command without `--output` and `--json`.
    func change(_ arguments: [String]) throws -> (change: Change, graph: Graph) {
        let run = try bantam(arguments + ["-o", "out.onnx", "--json"]).succeeded()
        let change = try run.json(as: Change.self)
        #expect(change.output == "out.onnx")
        #expect(try contents().filter { $0 != "out.training.csv" } == ["out.onnx"])
        #expect(try bytes(of: "out.onnx").count == change.after.fileBytes)
        // Progress is plain lines when nobody watches.
        #expect(!run.error.contains("\r") && !run.error.contains("\u{1B}"))
        _ = try accuracy(of: "out.onnx")
        return (change, try ONNXFile.read(file("out.onnx")).graph)
    }

    func accuracy(of model: String, on data: String = "shop/images") throws -> Accuracy {
        let accuracy = try bantam("evaluate", model, "--data", data, "--json").succeeded().json(as: Accuracy.self)
        #expect(accuracy.runtime == "openvino")
        #expect(accuracy.classes.map(\.samples).reduce(0, +) == accuracy.samples)
        let correct = accuracy.classes.map(\.correct).reduce(0, +)
        #expect(abs(accuracy.top1 - Double(correct) / Double(accuracy.samples)) < 1e-9)
        return accuracy
    }
}

extension Graph {
    /// The constants of a type that are weights, not biases or scales.
    func weights(_ dtype: DType) -> [TensorData] {
        constants.values.filter { $0.dtype == dtype && $0.shape.rank >= 2 && $0.elementCount > $0.shape[1] }
    }

    func nodes(_ operatorName: String) -> [Node] { nodes.values.filter { $0.operatorName == operatorName } }
}
