import ArgumentParser
import BantamCompression

struct Quantize: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stores weights as INT8 and computes in INT8.",
        discussion: """
            Static quantization measures the range of each activation on samples of the data. Dynamic quantization \
            needs no data: ranges are found while the model runs.
            """)

    @Argument(help: "The ONNX file to quantize.", completion: .model)
    var model: String

    @Flag(help: "Find the ranges of activations while the model runs.")
    var dynamic = false

    @Option(
        help: "Data whose training split the ranges are measured on; labels are not needed.", completion: .directory)
    var data: String?

    @Option(help: "How many samples to measure on.")
    var samples = 512

    @Option(help: "How ranges are chosen: \(Calibrators.all.map { $0.name }.joined(separator: ", ")).")
    var calibrator = MinMax.name

    @Option(help: "The hardware: \(TargetProfiles.all.map(\.name).joined(separator: ", ")).")
    var target = TargetProfile.x86VNNI.name

    @Option(name: [.short, .long], help: outputHelp, completion: .model)
    var output: String

    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard dynamic || data != nil else {
            throw ValidationError("Static quantization measures activations: give --data, or use --dynamic.")
        }
        guard samples > 0 else { throw ValidationError("--samples must be at least 1.") }
    }

    func execute(console: Console) throws -> ChangeRecord {
        let change = ModelChange(
            model: model, chosen: try input.chosen(), data: data, output: output, common: common,
            console: console)
        let configuration = StaticQuantizationConfiguration(
            target: target, calibrator: calibrator, samples: samples, seed: common.seed)
        return try change.perform { _ in [dynamic ? .quantizeDynamic : .quantizeStatic(configuration)] }
    }

    func text(of record: ChangeRecord) -> String { record.text }
}
