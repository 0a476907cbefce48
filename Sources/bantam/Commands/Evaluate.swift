import ArgumentParser
import BantamEdge
import BantamMedia
import BantamModel
import BantamPipeline
import BantamTraining
import FoundationEssentials

struct Evaluate: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a model file's accuracy, as the runtime on the device computes it.",
        discussion: """
            With --against, it is also measured how often its answer is another model's, such as the one it was made \
            from, and how far its outputs are from that one's. That needs no labels, and no classes.
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
        /// The share of samples that the other model answers in the same way; `nil` without classes.
        var agreement: Double?
        /// How far each output is from the other model's.
        var outputs: [ResultCheck.Output]?
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
        // Another model answers samples of whatever classes.
        let samples = try source.data(at: data, split: split, needsLabels: against == nil)
        if samples.dataset is UnlabelledDataset {
            console.note("note: the classes of \(data) are not the model's; only the two models are compared")
        }
        let measurement = ModelMeasurement(threads: common.threads, console: console)
        var output = Output(
            model: model, data: data, split: split, runtime: EdgeRuntime.name, samples: samples.count, classes: [])
        // Labels say nothing of outputs that are no class scores, but another model does.
        let hasClasses = try source.task(on: samples.dataset).classCount != nil
        if samples.isLabelled, hasClasses || against == nil {
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
            let comparison = try compare(source, samples, with: other, console)
            (output.agreement, output.outputs) = (comparison.agreement, comparison.outputs)
        }
        console.note(filesOf: samples)
        return output
    }

    /// - Throws: `otherClasses` when the two do not give scores of as many classes.
    private func compare(
        _ source: ModelSource, _ samples: TrainingData, with other: ModelSource, _ console: Console
    ) throws -> ResultCheck {
        let tasks = (try source.task(on: samples.dataset), try other.task(on: samples.dataset))
        if let classes = tasks.0.classCount, let others = tasks.1.classCount, classes != others {
            throw CommandError.otherClasses(source.path, classes, other: other.path, others)
        }
        let progress = Progress("comparing with \(other.path)", on: console)
        return try ResultCheck(
            of: .init(source.path, task: tasks.0, data: samples),
            against: .init(other.path, task: tasks.1, data: try other.data(at: data, split: split, needsLabels: false)),
            on: .heldOut,
            threads: common.threads == 0 ? nil : common.threads, onSample: { progress.update($0) })
    }

    func text(of output: Output) -> String {
        func percent(_ share: Double) -> String { "\((share * 100).rounded(places: 2)) %" }
        var lines: [String] = []
        if let top1 = output.top1 {
            lines.append("\(output.model): top-1 \(percent(top1)) of \(output.samples) samples")
            if let top5 = output.top5 { lines[0] += ", top-5 \(percent(top5))" }
        }
        if let against = output.against {
            if let agreement = output.agreement {
                lines.append(
                    "\(output.model): answers \(percent(agreement)) of \(output.samples) samples as \(against) does")
            } else {
                lines.append("\(output.model) beside \(against), on \(output.samples) samples:")
            }
            lines += (output.outputs ?? []).map { entry in
                let noise =
                    entry.decibels.map { "signal-to-noise ratio \($0.rounded(places: 1)) dB" } ?? "no difference"
                return "  \(entry.name): \(noise)"
            }
        }
        let width = (output.classes.map(\.name.count).max() ?? 0) + 2
        for entry in output.classes {
            let share = (Double(entry.correct) / Double(entry.samples) * 100).rounded(places: 1)
            lines.append("  \(entry.name.padding(to: width))\(share) % of \(entry.samples)")
        }
        return lines.joined(separator: "\n")
    }
}
