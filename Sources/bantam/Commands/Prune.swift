import ArgumentParser
import BantamPruning
import BantamTraining

struct Prune: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Removes channels, or sets single weights to zero, and fine-tunes.",
        discussion: """
            With a target (--target-macs and the like) whole channels go, and the model becomes smaller and faster \
            everywhere. With --sparsity or --sparsity-pattern single weights become zero, and stay zero through \
            fine-tuning and quantization; a file compressed by its name, -o pruned.onnx.gz, becomes smaller by them. With \
            --explain nothing is changed: it shows which channels could go, and why others cannot.
            """)

    @Argument(help: "The ONNX file to prune.", completion: .model)
    var model: String

    @Flag(
        help: """
            Show which channels can be removed, and what stands in the way of the others. Of the other options only \
            --attention counts.
            """)
    var explain = false

    @OptionGroup(title: "Removing channels") var pruning: PruningOptions
    @OptionGroup(title: "Zeroing weights") var sparsity: SparsityOptions
    @OptionGroup(title: "Rounds and fine-tuning") var rounds: RoundOptions

    @Option(
        help: """
            Data to fine-tune on, to fit what is left of the layers that lost channels, and for criteria that look at more \
            than weights; without it the model is pruned only. Images or videos without labels do: it then learns from the teacher alone.
            """, completion: .directory)
    var data: String?

    @Option(name: [.short, .long], help: outputHelp, completion: .model)
    var output: String?

    @OptionGroup(title: "Accepting the result") var acceptance: LimitOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    enum Output: Encodable {
        case change(ChangeRecord)
        case explanation(PruningExplanation)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .change(let record): try record.encode(to: encoder)
            case .explanation(let explanation): try explanation.encode(to: encoder)
            }
        }
    }

    func validate() throws {
        guard !explain else { return }
        guard pruning.hasTarget != sparsity.isGiven else {
            throw ValidationError(
                "Give either a target, such as --target-macs 0.5, or --sparsity, or --sparsity-pattern.")
        }
        _ = try sparsity.configuration(pruning)
        guard pruning.sparseLearning == nil || data != nil && training.epochs != 0 else {
            throw ValidationError("--sparse-learning trains the model on data: give --data, and --epochs other than 0.")
        }
        if data == nil, let option = training.firstGiven ?? rounds.firstOfTeacher {
            throw ValidationError("\(option) says how to fine-tune, and there is nothing to learn from: add --data.")
        }
        guard output != nil else { throw ValidationError("Say where to write the model: -o pruned.onnx.") }
    }

    func execute(console: Console) throws -> Output {
        guard !explain, let output else {
            return .explanation(try PruningExplanation(of: ModelSource(model).graph, pruning.attention))
        }
        var change = ModelChange(
            model: model, chosen: try input.chosen(), data: data, output: output, training: training,
            common: common, console: console)
        change.limits = acceptance.limits
        change.advice =
            data == nil
            ? "give --data to fine-tune and to refit the layers that lost channels"
            : "raise the target, or train longer with --epochs"
        var record = try change.perform { given in
            let training =
                given.hasData && training.epochs != 0
                ? training.configuration(
                    seed: common.seed, batchSize: given.batchSize, usualAugmentation: given.augmentation,
                    usualRate: TrainingOptions.fineTuningRate) : nil
            let channels = try pruning.configuration(hasData: given.hasData).map(GradualPruning.Method.channels)
            let weights = try sparsity.configuration(pruning).map(GradualPruning.Method.weights)
            return (channels ?? weights).map {
                [rounds.step($0, sparseLearning: pruning.sparsification, training: training)]
            } ?? []
        }
        if pruning.hasTarget {
            let measurement = ModelMeasurement(threads: common.threads, console: console)
            record.speed = measurement.speedCheck(of: output, against: model)
            record.prescribedMultiple = pruning.channelMultiple?.number
        }
        return .change(record)
    }

    func text(of output: Output) -> String {
        switch output {
        case .change(let record): record.text
        case .explanation(let explanation): explanation.text
        }
    }
}
