import ArgumentParser
import BantamCompression
import BantamEdge
import BantamMedia
import FoundationEssentials

struct Evaluate: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a model file's accuracy, as the runtime on the device computes it.")

    @Argument(help: "An ONNX file.", completion: .model)
    var model: String

    @Option(help: "A folder of images, DIR/{train,test}/CLASS/*.png, or of an IDX pair.", completion: .directory)
    var data: String

    @Option(help: "The split to evaluate on.")
    var split = DatasetSplit.test

    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var model: String
        var data: String
        var split: DatasetSplit
        var runtime: String
        var top1: Double
        var top5: Double?
        var samples: Int
        var classes: [ClassAccuracy]
    }

    struct ClassAccuracy: Encodable {
        var name: String
        var samples: Int
        var correct: Int
    }

    func execute(console: Console) throws -> Output {
        let source = try ModelSource(model, chosen: try input.chosen())
        let samples = try source.data(at: data, split: split)
        guard samples.isLabelled else {
            throw CompressionError.missingLabels(for: "measuring accuracy").located(inFile: data)
        }
        let result = try ModelMeasurement(threads: common.threads, console: console).accuracy(of: model, on: samples)
        return Output(
            model: model, data: data, split: split, runtime: EdgeRuntime.name, top1: result.top1, top5: result.top5,
            samples: result.samples,
            // A model may know more classes than the data has.
            classes: zip(samples.dataset.classNames, result.perClass).filter { $1.samples > 0 }.map {
                ClassAccuracy(name: $0, samples: $1.samples, correct: $1.correct)
            })
    }

    func text(of output: Output) -> String {
        var lines = ["\(output.model): top-1 \((output.top1 * 100).rounded(places: 2)) % of \(output.samples) samples"]
        if let top5 = output.top5 { lines[0] += ", top-5 \((top5 * 100).rounded(places: 2)) %" }
        let width = (output.classes.map(\.name.count).max() ?? 0) + 2
        for entry in output.classes {
            let share = (Double(entry.correct) / Double(entry.samples) * 100).rounded(places: 1)
            lines.append("  \(entry.name.padding(to: width))\(share) % of \(entry.samples)")
        }
        return lines.joined(separator: "\n")
    }
}
