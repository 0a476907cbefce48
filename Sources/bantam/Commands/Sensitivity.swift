import ArgumentParser
import BantamGraph
import BantamMedia
import BantamModel
import BantamPruning
import BantamTensor
import BantamTraining
import FoundationEssentials

struct Sensitivity: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows how much of each layer a model can do without.",
        discussion: """
            One layer at a time, with those coupled to it, loses a growing part of its channels, and samples are run \
            through what is left. The result is the share of right answers; without labels, of answers that stay as \
            they were. Each line is printed, and files are written anew, as soon as a layer is measured. Layers that \
            can spare nothing are those to give to `bantam prune --protect`.
            """)

    @Argument(help: "An ONNX file.", completion: .file(extensions: ["onnx"]))
    var model: String

    @Option(
        help: "Images or videos to compare answers on, sorted into classes or not: labels are not needed.",
        completion: .directory)
    var data: String?

    @Option(help: "The split to take samples from; looking at test would choose layers by what is to judge them.")
    var split = DatasetSplit.train

    @Option(
        parsing: .unconditional,
        help: """
            How many samples to run, all of which are held in memory; by default \(Self.usualSamples), and \
            \(Self.samplesOfMaps) where the outputs are no class scores: maps, boxes.
            """)
    var samples: Int?

    private static let usualSamples = 256
    /// Each says thousands of numbers, where the other kind says one class.
    private static let samplesOfMaps = 8

    @Option(help: ArgumentHelp("Parts of a layer's channels to remove, such as 0.25,0.5.", valueName: "list"))
    var fractions = FractionList(fractions: SensitivityAnalysis.Configuration.usualFractions)

    @Option(help: "Which channels go first: \(ImportanceCriteria.all.map { $0.name }.joined(separator: ", ")).")
    var criterion = L1Norm.name

    @Option(help: "What attention layers lose, features of all heads or whole heads: \(names(AttentionChannels.self)).")
    var attention = AttentionChannels.headDimensions

    @Option(help: "The loss of accuracy, or of agreement, up to which a cut is called safe; 0.01 is one point.")
    var tolerance = 0.01

    @Option(
        name: [.short, .long],
        help: "A file to write: .json for the figures, .svg for a picture. May be given for each.",
        completion: .file(extensions: ["json", "svg"]))
    var output: [String] = []

    @Option(help: "float32, or bfloat16 where the processor computes faster in it.")
    var precision = ArithmeticPrecision.float32

    @Option(help: "cpu or cuda.")
    var device = Device.cpu

    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var model: String
        var data: String
        var split: DatasetSplit
        /// As `prune --protect` takes them.
        var layersToProtect: [String]
        var sensitivity: SensitivityReport
    }

    func validate() throws {
        guard data != nil else {
            throw ValidationError(
                "Answers are compared on samples: give --data, a folder of them, with labels or without.")
        }
        guard samples ?? 1 > 0 else { throw ValidationError("--samples must be at least 1.") }
        guard (0...1).contains(tolerance) else { throw ValidationError("--tolerance must be between 0 and 1.") }
        for path in output where !path.hasSuffix(".json") && !path.hasSuffix(".svg") {
            throw ValidationError("--output takes files that end in .json or .svg, not \(path).")
        }
    }

    func execute(console: Console) throws -> Output {
        for path in output { try OutputFolder.requirePlace(for: path) }
        let source = try ModelSource(model, chosen: try input.chosen())
        try source.requireFloatWeights()
        try source.requireFiniteWeights()
        try Libraries.prepare(common)
        let location = data ?? ""
        let all = try source.data(at: location, split: split)
        let isOfClasses = try source.task(on: all.dataset).classCount != nil
        let sample = all.sample(
            samples ?? (isOfClasses ? Self.usualSamples : Self.samplesOfMaps), seed: common.seed)
        let configuration = SensitivityAnalysis.Configuration(
            fractions: fractions.fractions, criterion: criterion, tolerance: tolerance, precision: precision,
            attention: attention)
        let progress = Progress("removing channels of \(model)", on: console)
        var chart: SensitivityChart?
        let report = try SensitivityAnalysis.report(
            on: source.graph, with: try sample.batches(size: 64), configuration, device: device
        ) { event in
            switch event {
            case .started(let report, let layers):
                let started = SensitivityChart(
                    model: model, tolerance: tolerance, fractions: fractions.fractions, layers: layers)
                chart = started
                if !common.json { console.result(started.heading(of: report)) }
            case .advanced(let share): progress.update(share)
            case .measured(let report):
                guard let chart else { return }
                progress.clear()
                if !common.json, let group = report.groups.last {
                    console.result(chart.line(for: group, baseline: report.baseline))
                }
                try write(report, chart)
            }
        }
        progress.finish("\(report.groups.count) layers measured")
        console.note(filesOf: sample)
        if !common.json, let chart { console.result(chart.conclusion(of: report)) }
        return record(of: report)
    }

    /// Was printed line by line.
    func text(of output: Output) -> String { "" }

    private func record(of report: SensitivityReport) -> Output {
        Output(
            model: model, data: data ?? "", split: split, layersToProtect: report.layersToProtect, sensitivity: report)
    }

    private func write(_ report: SensitivityReport, _ chart: SensitivityChart) throws {
        for path in output {
            if path.hasSuffix(".svg") {
                try AtomicFile.write(chart.svg(of: report), to: path)
            } else {
                try AtomicFile.write(try Console.json(record(of: report)) + "\n", to: path)
            }
        }
    }
}

/// Fractions as written on the command line: `0.1,0.25,0.5`.
struct FractionList: ExpressibleByArgument {
    /// Ascending, each once.
    var fractions: [Double]

    init(fractions: [Double]) {
        self.fractions = fractions
    }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Double($0) }.filter { $0 > 0 && $0 < 1 }
        guard numbers.count == parts.count else { return nil }
        fractions = Set(numbers).sorted()
    }

    var defaultValueDescription: String { fractions.map { "\($0)" }.joined(separator: ",") }
}
