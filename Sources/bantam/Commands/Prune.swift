import ArgumentParser
import BantamCompression

struct Prune: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Removes channels, or sets single weights to zero, and fine-tunes.",
        discussion: """
            With --target-macs whole channels go, and the model becomes smaller and faster everywhere. With --sparsity \
            single weights become zero; they stay zero through fine-tuning.
            """)

    @Argument(help: "The ONNX file to prune.", completion: .file(extensions: ["onnx"]))
    var model: String

    @Option(help: "The fraction of the MACs to keep, such as 0.5.")
    var targetMacs: Double?

    @Option(help: "The fraction of the weights to set to zero, such as 0.8.")
    var sparsity: Double?

    @Option(help: "Which channels go first: \(ImportanceCriteria.all.map { $0.name }.joined(separator: ", ")).")
    var criterion = L1Norm.name

    @Option(help: "Keep a multiple of this many channels in each layer.")
    var channelMultiple = 1

    @Option(help: "Data to fine-tune on; without it the model is pruned only.", completion: .directory)
    var data: String?

    @Option(name: [.short, .long], help: "The ONNX file to write.", completion: .file(extensions: ["onnx"]))
    var output: String

    @OptionGroup var training: TrainingOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (targetMacs == nil) != (sparsity == nil) else {
            throw ValidationError("Give either --target-macs or --sparsity.")
        }
        guard channelMultiple > 0 else { throw ValidationError("--channel-multiple must be at least 1.") }
    }

    func execute(console: Console) throws -> ChangeRecord {
        let change = ModelChange(
            model: model, chosen: try input.chosen(), data: data, output: output, training: training,
            common: common, console: console)
        var steps: [Recipe.Step] = []
        if let targetMacs {
            steps.append(
                .pruneChannels(
                    StructuredPruning.Configuration(
                        remainingMACs: targetMacs, criterion: criterion, channelMultiple: channelMultiple)))
        }
        if let sparsity { steps.append(.pruneWeights(sparsity: sparsity)) }
        return try change.perform { hasData in
            hasData ? steps + [.train(training.configuration(seed: common.seed), keepsZeros: sparsity != nil)] : steps
        }
    }

    func text(of record: ChangeRecord) -> String { record.text }
}
