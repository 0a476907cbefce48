import ArgumentParser
import BantamEdge
import BantamMedia
import BantamModel
import FoundationEssentials

struct Evaluate: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a model file's accuracy, as the runtime on the device computes it.",
        discussion: """
            With --against, it is also measured how often its answer is another model's, such as the one it was made \
            from. That needs no labels.
            """)

    @Argument(help: "An ONNX file.", completion: .model)
    var model: String

    @Option(
        help: """
            A folder of images, DIR/{train,test}/CLASS/*.png or, with --against, without labels DIR/*.png, or of an IDX \
            pair.
            """, completion: .directory)
    var data: String

    @Option(help: "Another ONNX file to compare answers with.", completion: .file(extensions: ["onnx"]))
    var against: String?

    @Option(help: "The split to evaluate on.")
    var split = DatasetSplit.test

    @Option(
        help: ArgumentHelp(
            "The CSV file of a training's --groups, where class folders are not sorted into train and test.",
            valueName: "file"), completion: .file(extensions: ["csv"]))
    var groups: String?

    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var model: String
        var data: String
        var split: DatasetSplit
        var runtime: String
        /// The share of right answers; `nil` without labels.
        var top1: Double?
        var top5: Double?
        var samples: Int
        var classes: [ClassAccuracy]
        var against: String?
        /// The share of samples that the other model answers in the same way.
        var agreement: Double?
    }

    struct ClassAccuracy: Encodable {
        var name: String
        var samples: Int
        var correct: Int
    }

    func execute(console: Console) throws -> Output {
        var source = try ModelSource(model, chosen: try input.chosen())
        source.groups = try groups.map { try SampleGroups(csv: $0) }
        if source.facts.preprocessing == nil, let against {
            let other = try ModelSource(against)
            source.facts.preprocessing = other.facts.preprocessing.map(source.adapted)
        }
        let samples = try source.data(at: data, split: split)
        let measurement = ModelMeasurement(threads: common.threads, console: console)
        var output = Output(
            model: model, data: data, split: split, runtime: EdgeRuntime.name, samples: samples.count, classes: [])
        if samples.isLabelled {
            let result = try measurement.accuracy(of: model, on: samples)
            (output.top1, output.top5) = (result.top1, result.top5)
            // A model may know more classes than the data has.
            output.classes = zip(samples.dataset.classNames, result.perClass).filter { $1.samples > 0 }.map {
                ClassAccuracy(name: $0, samples: $1.samples, correct: $1.correct)
            }
        } else if against == nil {
            throw CompressionError.missingLabels(for: "measuring accuracy").located(inFile: data)
        }
        if let against {
            output.against = against
            var other = try ModelSource(against)
            other.groups = source.groups
            // One preprocessing for both where only one is told.
            if other.facts.preprocessing == nil { other.facts.preprocessing = other.adapted(samples.preprocessing) }
            output.agreement = try measurement.agreement(
                of: model, on: samples, with: against, on: try other.data(at: data, split: split))
        }
        console.note(filesOf: samples)
        return output
    }

    func text(of output: Output) -> String {
        func percent(_ share: Double) -> String { "\((share * 100).rounded(places: 2)) %" }
        var lines: [String] = []
        if let top1 = output.top1 {
            lines.append("\(output.model): top-1 \(percent(top1)) of \(output.samples) samples")
            if let top5 = output.top5 { lines[0] += ", top-5 \(percent(top5))" }
        }
        if let against = output.against, let agreement = output.agreement {
            lines.append(
                "\(output.model): answers \(percent(agreement)) of \(output.samples) samples as \(against) does")
        }
        let width = (output.classes.map(\.name.count).max() ?? 0) + 2
        for entry in output.classes {
            let share = (Double(entry.correct) / Double(entry.samples) * 100).rounded(places: 1)
            lines.append("  \(entry.name.padding(to: width))\(share) % of \(entry.samples)")
        }
        return lines.joined(separator: "\n")
    }
}
