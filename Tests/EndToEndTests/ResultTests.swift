import BantamONNX
import BantamTestSupport
import FoundationEssentials
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
            var teacherCheck: Check?
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

        @Test func `A student is compared with its teacher, too`() throws {
            let folder = try WorkingFolder()
            let arguments = [
                "distill", "shop/model.onnx", "--teacher", "shop/trained.onnx", "--data", "shop/images", "--epochs",
                "2",
                "-o", "out.onnx",
            ]
            let record = try folder.bantam(arguments + ["--json"]).succeeded().json(as: Checked.self)
            let teacher = try #require(record.teacherCheck)
            #expect(teacher.samples == "heldOut" && teacher.count == record.check.count)
            #expect(teacher.accuracyAfter == record.check.accuracyAfter && teacher.agreement != nil)
            #expect(try folder.bantam(arguments).succeeded().output.contains("  teacher     accuracy "))
        }

        @Test func `Samples that judge may lie in a folder of their own`() throws {
            let folder = try WorkingFolder()
            func train(_ validation: String) throws -> Run {
                try folder.bantam(
                    ["train", "shop/model.onnx", "--data", "shop/images", "-o", "out.onnx", "--json", "--epochs", "1"]
                        + ["--validation", validation])
            }
            let record = try train("shop/images/test").succeeded().json(as: Checked.self)
            #expect(record.check.samples == "heldOut" && record.check.count == 15)
            try folder.expect(
                Refusal(
                    "no folder",
                    ["train", "shop/model.onnx", "--data", "shop/images", "-o", "out.onnx", "--validation", "nowhere"],
                    65, says: "nowhere"))
            try folder.expect(
                Refusal(
                    "too much",
                    ["train", "shop/model.onnx", "--data", "shop/images", "-o", "out.onnx", "--validation", "1.5"], 64,
                    says: "--validation"))
        }

        @Test func `MACs are those of one sample, whatever batch the file fixes`() throws {
            struct Change: Decodable {
                struct Figures: Decodable { var macs: Int }
                var before: Figures
                var after: Figures
            }
            let folder = try WorkingFolder()
            let run = try folder.bantam([
                "prune", fixture("cases/batch-4.onnx"), "--target-macs", "0.5", "--epochs", "0", "--data",
                fixture("cases/images/unlabelled"), "--preprocessing", "cifar10", "-o", "out.onnx", "--json",
            ])
            let change = try run.succeeded().json(as: Change.self)
            let share = Double(change.after.macs) / Double(change.before.macs)
            #expect(share <= 0.5 && share > 0.4, "\(share)")
        }

        @Test func `A video that ends early is named by commands that only look`() throws {
            let folder = try WorkingFolder()
            for name in ["a", "b"] {
                let place = folder.file("clips/test/\(name)")
                try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: fixture("cases/cut-off.mkv"), toPath: "\(place)/cut-off.mkv")
            }
            try folder.bantam("create", "r3d_18", "--input-shape", "3x8x16x16", "--classes", "2", "-o", "clips.onnx")
                .succeeded()
            let run = try folder.bantam("evaluate", "clips.onnx", "--data", "clips", "--preprocessing", "kinetics")
            #expect(try run.succeeded().error.contains("cut-off.mkv: The video ends after"))
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
