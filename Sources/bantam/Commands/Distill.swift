import ArgumentParser
import BantamPipeline
import BantamTraining

struct Distill: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a model on the answers of a larger one.",
        discussion: """
            The loss is alpha times the divergence from the teacher's answers, softened by the temperature, plus \
            1 - alpha times the cross-entropy with the labels. On images or videos without labels alpha is 1.
            """)

    @Argument(help: "The ONNX file of the student.", completion: .model)
    var model: String

    @Option(help: "The ONNX file of the teacher.", completion: .model)
    var teacher: String

    @Option(help: "The share of the teacher in the loss, 0 to 1.")
    var alpha = 0.7

    @Option(help: "Softens the answers; 1 leaves them as they are.")
    var temperature = 4.0

    @Option(
        help: "A folder of images, DIR/{train,test}/CLASS/*.png or without labels DIR/*.png, or of an IDX pair.",
        completion: .directory)
    var data: String

    @Option(name: [.short, .long], help: outputHelp, completion: .model)
    var output: String

    @Option(
        help: ArgumentHelp(
            """
            How images become the teacher's input: a name or a JSON file as for --preprocessing; by default what its metadata \
            says, or else as for the student.
            """, valueName: "name-or-file"))
    var teacherPreprocessing: String?

    @Flag(help: "Keep weights zero that are zero, as in a model from `prune --sparsity`.")
    var keepZeros = false

    @OptionGroup(title: "Accepting the result") var acceptance: LimitOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        try training.requireEpochs()
        guard (0...1).contains(alpha) else { throw ValidationError("--alpha must be between 0 and 1.") }
        guard temperature > 0, temperature <= 1000 else {
            throw ValidationError("--temperature must be more than 0 and at most 1000.")
        }
    }

    func execute(console: Console) throws -> ChangeRecord {
        var change = ModelChange(
            model: model, chosen: try input.chosen(), data: data, output: output, training: training,
            common: common, console: console,
            teacher: teacher)
        let distillation = DistillationConfiguration(alpha: alpha, temperature: temperature)
        change.limits = acceptance.limits
        change.teacherPreprocessing = try teacherPreprocessing.map { try InputOptions.preprocessing(named: $0) }
        change.advice = "train longer with --epochs, or with another --learning-rate"
        return try change.perform {
            [
                .distill(
                    training.configuration(seed: common.seed, batchSize: $0.batchSize), distillation, teacher: teacher,
                    keepsZeros: keepZeros)
            ]
        }
    }

    func text(of record: ChangeRecord) -> String { record.text }
}
