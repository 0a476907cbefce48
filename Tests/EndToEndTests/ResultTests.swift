import BantamONNX
import Testing

extension EndToEnd {
    /// What every changing command says of its result, and what it does where that is not good enough.
    @Suite struct `The look at the result` {
        private struct Checked: Decodable {
            struct Check: Decodable {
                var samples: String
                var count: Int
                var accuracyBefore: Double?
                var accuracyAfter: Double?
                var agreement: Double?
            }

            struct Training: Decodable {
                struct Epoch: Decodable {
                    var epoch: Int
                    var heldOutAccuracy: Double?
                }

                var history: [Epoch]
                var bestEpoch: Int?
            }

            var check: Check
            var trainings: [Training]?
        }

        @Test func `It is taken on samples that were not trained on, and the training's course is kept`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam(
                ["train", "shop/model.onnx", "--data", "shop/images", "-o", "out.onnx", "--json", "--epochs", "2"])
            let record = try run.succeeded().json(as: Checked.self)
            #expect(record.check.samples == "heldOut" && record.check.accuracyAfter != nil)
            let training = try #require(record.trainings?.first)
            #expect(training.history.map(\.epoch) == [0, 1, 2])
            #expect(training.history.allSatisfy { $0.heldOutAccuracy != nil })
            let csv = try String(decoding: folder.bytes(of: "out.training.csv"), as: UTF8.self)
            #expect(csv.split(separator: "\n").count == 4)
            #expect(run.error.contains("epoch 2 of 2: loss"))
        }

        @Test func `Without data it is taken on noise`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam([
                "prune", "shop/trained.onnx", "--target-macs", "0.9", "-o", "out.onnx", "--json",
            ])
            let record = try run.succeeded().json(as: Checked.self)
            #expect(record.check.samples == "random" && record.check.accuracyAfter == nil)
        }

        @Test func `A result beyond a limit gets another name, and the status says so`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam(
                ["prune", "shop/trained.onnx", "--target-macs", "0.3", "--min-snr", "150", "-o", "out.onnx"])
            #expect(run.status == 75)
            #expect(run.error.contains("at least 150.0 are asked for"))
            let files = try folder.contents()
            #expect(files.contains("out.rejected.onnx") && !files.contains("out.onnx"))
            #expect(try ONNXFile.read(folder.file("out.rejected.onnx")).graph.nodes.count > 0)
        }

        @Test func `A checkpoint of another model or data set is refused`() throws {
            let folder = try WorkingFolder()
            func train(_ model: String, _ data: String) throws -> Run {
                try folder.bantam(
                    ["train", model, "--data", data, "-o", "out.onnx", "--checkpoints", "ck"] + Workshop.training)
            }
            try train("shop/model.onnx", "shop/images").succeeded()
            let other = try train("shop/trained.onnx", "shop/images")
            #expect(other.status == 64 && other.error.contains("of another model, data set or teacher"))
        }
    }
}
