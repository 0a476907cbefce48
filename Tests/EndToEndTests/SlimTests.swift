import BantamGraph
import BantamPipeline
import BantamPruning
import BantamQuantization
import BantamReport
import BantamTestSupport
import BantamTraining
import FoundationEssentials
import Testing

extension EndToEnd {
    @Suite struct `Slimming and measuring` {
        /// Trains for one epoch, and takes the model through a chain of all kinds of steps.
        private static let recipe: Recipe = {
            let training = TrainingConfiguration(
                epochs: 1, batchSize: 8, schedule: LearningRateSchedule(peak: 0.05, warmup: 0.05))
            return Recipe(
                baseline: "original",
                variants: [
                    Recipe.Variant(
                        name: "original", method: "trained", source: .architecture("simple_cnn"),
                        steps: [.train(training)]),
                    Recipe.Variant(
                        name: "chain", method: "pruned, distilled, INT8", source: .variant("original"),
                        steps: [
                            .prune(GradualPruning(.channels(StructuredPruning.Configuration(.macs(0.5))))),
                            .distill(training, DistillationConfiguration(), teacher: "original"),
                            .quantizeStatic(StaticQuantizationConfiguration(samples: 16)),
                        ]),
                    Recipe.Variant(
                        name: "sparse", method: "80 % zeros", source: .variant("original"),
                        steps: [.prune(GradualPruning(.weights(UnstructuredPruning.Configuration(sparsity: 0.8))))]),
                ])
        }()

        @Test func `A recipe leaves every model and both reports`() throws {
            let folder = try WorkingFolder()
            let recipe = String(decoding: try JSONEncoder().encode(Self.recipe), as: UTF8.self)
            try AtomicFile.write(recipe, to: folder.file("recipe.json"))
            let run = try folder.bantam(
                "slim", "--data", "shop/images", "--recipe", "recipe.json", "-o", "out/here", "--json"
            ).succeeded()
            let printed = try run.json(as: RunRecord.self)
            #expect(
                try folder.contents() == [
                    "out", "out/here", "out/here/chain.onnx", "out/here/chain.training.csv", "out/here/original.onnx",
                    "out/here/original.training.csv", "out/here/report.json", "out/here/report.md",
                    "out/here/sparse.onnx", "out/here/sparse.onnx.gz", "recipe.json",
                ])
            let stored = try JSONDecoder().decode(RunRecord.self, from: Data(folder.bytes(of: "out/here/report.json")))
            #expect(stored.variants.map(\.name) == ["original", "chain", "sparse"])
            #expect(stored.variants.map(\.trainings.count) == [1, 1, 0])
            #expect(printed.variants.map(\.metrics.fileBytes) == stored.variants.map(\.metrics.fileBytes))
            let (original, chain) = (stored.variants[0].metrics, stored.variants[1].metrics)
            #expect(chain.macs * 2 <= original.macs && chain.fileBytes.bytes * 4 < original.fileBytes.bytes)
            #expect(original.samples == 15 && chain.samples == 15)
            for metrics in [original, chain] {
                #expect(metrics.latencyMedian > 0 && metrics.latencyP95 >= metrics.latencyMedian)
                #expect(metrics.imagesPerSecond > 0 && metrics.peakActivationBytes > .zero)
                #expect((metrics.peakMemoryBytes ?? .zero) > .zero)
            }
            let table = String(decoding: try folder.bytes(of: "out/here/report.md"), as: UTF8.self)
            #expect(table.contains("| original |") && table.contains("| chain |"))
            #expect(table.contains("- sparse: sparse.onnx.gz is the same model, compressed: its zeros let it take "))
        }

        @Test func `The printed recipe is the default one, and can be read again`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam("slim", "--data", "nowhere", "--print-recipe").succeeded()
            #expect(try run.json(as: Recipe.self) == .fourMethods())
            try AtomicFile.write(run.output, to: folder.file("recipe.json"))
            let again = try folder.bantam(
                "slim", "--data", "nowhere", "--recipe", "recipe.json", "--print-recipe"
            ).succeeded()
            #expect(again.output == run.output)
        }

        @Test func `A given model is slimmed with its own preprocessing`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam("slim", "shop/trained.onnx", "--data", "shop/images", "-o", "out", "--json")
            let record = try run.succeeded().json(as: RunRecord.self)
            #expect(record.variants.map(\.name) == ["original", "int8", "pruned", "pruned-int8"])
            let sizes = record.variants.map(\.metrics.fileBytes)
            #expect(sizes[3] < sizes[1] && sizes[1] < sizes[0] && sizes[2] < sizes[0])
            #expect(try folder.accuracy(of: "shop/trained.onnx").top1 == record.variants[0].metrics.top1)
        }

        @Test func `A variant beyond a limit gets another name, and the report says why`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam(
                "slim", "shop/trained.onnx", "--data", "shop/images", "-o", "out", "--min-snr", "150")
            #expect(run.status == 75)
            let files = try folder.contents()
            #expect(files.contains("out/original.onnx") && files.contains("out/int8.rejected.onnx"))
            #expect(!files.contains("out/int8.onnx"))
            let report = String(decoding: try folder.bytes(of: "out/report.md"), as: UTF8.self)
            #expect(report.contains("rejected: The signal-to-noise ratio is"))
        }

        @Test func `A model whose batch is fixed is slimmed on folders without parts`() throws {
            let folder = try WorkingFolder()
            let run = try folder.bantam(
                "slim", fixture("cases/batch-1.onnx"), "--data", fixture("cases/images/labelled/train"),
                "--preprocessing", "cifar10", "-o", "out")
            try run.succeeded()
            let files = try folder.contents()
            #expect(files.contains("out/pruned-int8.onnx") && files.contains("out/report.md"))
        }

        @Test func `Bench measures latency, throughput and memory, alone and against another file`() throws {
            let folder = try WorkingFolder()
            struct Figures: Decodable {
                struct Latency: Decodable {
                    var medianMilliseconds: Double
                    var p95Milliseconds: Double
                    var iterations: Int
                }
                struct Throughput: Decodable {
                    var samplesPerSecond: Double
                }
                struct File: Decodable {
                    var model: String
                    var fileBytes: Int
                    var latency: Latency
                    var throughput: Throughput
                    var peakMemoryBytes: Int
                }
                var unit: String
                var against: File
                var speedup: Double
                var speedupInterval: [Double]
            }
            let arguments = ["bench", "shop/quantized.onnx", "--against", "shop/trained.onnx", "--seconds", "0.1"]
            let run = try folder.bantam(arguments + ["--json"]).succeeded()
            let figures = try run.json(as: Figures.self)
            for (file, path) in [
                (try run.json(as: Figures.File.self), "shop/quantized.onnx"), (figures.against, "shop/trained.onnx"),
            ] {
                #expect(try file.fileBytes == folder.bytes(of: path).count && file.model == path)
                #expect(file.latency.medianMilliseconds > 0 && file.latency.iterations > 0)
                #expect(file.latency.p95Milliseconds >= file.latency.medianMilliseconds)
                #expect(file.throughput.samplesPerSecond > 0 && file.peakMemoryBytes > 0)
            }
            #expect(figures.unit == "images" && figures.speedup > 0)
            #expect(figures.speedupInterval[0] <= figures.speedup && figures.speedup <= figures.speedupInterval[1])
            let text = try folder.bantam(arguments).succeeded().output
            for word in ["shop/quantized.onnx", "shop/trained.onnx", "p95", "images/s", "peak memory", "95 % interval"]
            {
                #expect(text.contains(word))
            }
        }

        @Test func `Bench calls clips by their name, and says of how many frames they are`() throws {
            let folder = try WorkingFolder()
            try folder.bantam("create", "r3d_18", "--input-shape", "3x8x16x16", "--classes", "3", "-o", "clips.onnx")
                .succeeded()
            let text = try folder.bantam("bench", "clips.onnx", "--seconds", "0.1").succeeded().output
            #expect(text.contains("clips of 8 frames a second") && !text.contains("images"))
        }
    }
}
