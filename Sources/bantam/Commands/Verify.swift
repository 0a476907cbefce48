import ArgumentParser
import BantamEdge
import BantamGraph
import BantamMedia
import BantamModel
import BantamPipeline
import BantamTraining

struct Verify: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares a compressed model with its original, and says whether limits are kept.",
        discussion: """
            Accuracy of the original, of the compressed model with its rounding simulated, and of the compressed file as \
            a device runs it, also with the processor held back to older instructions; the signal-to-noise ratio of \
            every layer; what each class lost; and whether the weights of quantized layers are integers in the file. \
            Without labels it is measured how often the answers stay the same.

            The exit status is 75 when a limit is broken, or when a quantized layer holds floating-point weights. \
            --preprocessing and --labels are said of the original, and of the compressed model where it does not say \
            so itself.
            """)

    @Argument(help: "The ONNX file that the other was made from.", completion: .model)
    var original: String

    @Argument(help: "The ONNX file to verify.", completion: .model)
    var compressed: String

    @Option(
        help: "A folder of images or videos, sorted into classes or not, or of an IDX pair.", completion: .directory)
    var data: String

    @Option(help: "The split to run on.")
    var split = DatasetSplit.test

    @Option(parsing: .unconditional, help: "How many samples to run, chosen by the seed; all by default.")
    var samples: Int?

    @Option(
        help: ArgumentHelp(
            "The instructions the compressed file may use, one run for each; limits are about the first.",
            discussion: """
                By default native, which is all there are; on a processor with AMX AVX512_CORE_VNNI, which is without; \
                and on one with VNNI AVX2, which is without. Others: \
                \(InstructionSet.all.map(\.name).joined(separator: ", ")).
                """, valueName: "list"))
    var instructionSets: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Percentage points of top-1 accuracy that may be lost.", valueName: "points"))
    var maxDrop: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Samples to be answered as the original does, in percent.", valueName: "percent"))
    var minAgreement: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Signal-to-noise ratio that the scores must have.", valueName: "dB"))
    var minSnr: Double?

    @Option(help: ArgumentHelp("The largest file, such as 2.5MB, or 30% of the original.", valueName: "size"))
    var maxFileSize: TargetArgument?

    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let samples, samples < 1 { throw ValidationError("--samples must be at least 1.") }
        if let maxDrop, !(0...100).contains(maxDrop) {
            throw ValidationError("--max-drop must be between 0 and 100 points.")
        }
        if let minAgreement, !(0...100).contains(minAgreement) {
            throw ValidationError("--min-agreement must be between 0 and 100 percent.")
        }
        if let minSnr, !minSnr.isFinite { throw ValidationError("--min-snr must be a number of decibels.") }
        _ = try maxFileSize?.target(.fileSize, option: "--max-file-size")
    }

    func execute(console: Console) throws -> VerificationReport {
        let sets = try chosenInstructionSets()
        let chosen = try input.chosen()
        try Libraries.prepare(common)
        let run = try VerificationRun(
            original: original, compressed: compressed, chosen: chosen, data: data, split: split, samples: samples,
            common: common, console: console)
        if minAgreement != nil, !run.hasClasses { throw CommandError.noClassifier(original) }
        if maxDrop != nil, !run.isLabelled {
            throw CompressionError.missingLabels(for: "a limit on the drop of accuracy").located(inFile: data)
        }
        Libraries.noteOtherWork(common, on: console)
        var report = try run.report(on: sets)
        report.judge(by: limits(for: report))
        for warning in report.warnings { console.note("bantam: note: \(warning)") }
        for limit in report.limits where !limit.isKept {
            console.note("bantam: limit broken: \(limit.name): \(limit.found), demanded \(limit.demanded)")
        }
        return report
    }

    func text(of report: VerificationReport) -> String { VerificationText(report).text }

    func status(of report: VerificationReport) -> ExitStatus { report.isPassed ? .success : .unmetBudget }

    private func chosenInstructionSets() throws -> [InstructionSet] {
        let features = Set(Processor.features)
        guard let instructionSets else { return InstructionSet.telling(features: features) }
        return try instructionSets.split(separator: ",", omittingEmptySubsequences: false).map {
            try InstructionSet.named(String($0), features: features)
        }
    }

    private func limits(for report: VerificationReport) -> VerificationLimits {
        let size: ByteCount? = maxFileSize.map { argument in
            switch argument.limit {
            case .fraction(let fraction): ByteCount(Int(fraction * Double(report.original.fileBytes.bytes)))
            case .amount(let bytes): ByteCount(Int(exactly: bytes.rounded(.down)) ?? .max)
            }
        }
        return VerificationLimits(
            maximumDrop: maxDrop, minimumAgreement: minAgreement, minimumOutputDecibels: minSnr, maximumFileSize: size)
    }
}
