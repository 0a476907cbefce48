import ArgumentParser
import BantamDistillation
import BantamPipeline
import BantamTraining

struct Restructure: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replaces layers by cheaper ones: dense convolutions by depthwise-separable ones.")

    @Argument(help: "The ONNX file to change.", completion: .model)
    var model: String

    @Option(
        help: """
            Data to train the new layers on, with the model before the change as teacher; without it they only approximate the \
            old ones.
            """, completion: .directory)
    var data: String?

    @Option(name: [.short, .long], help: outputHelp, completion: .model)
    var output: String

    @OptionGroup(title: "Accepting the result") var acceptance: LimitOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws { try training.requireEpochs() }

    func execute(console: Console) throws -> ChangeRecord {
        var change = ModelChange(
            model: model, chosen: try input.chosen(), data: data, output: output, training: training,
            common: common, console: console, teacher: data == nil ? nil : model)
        change.limits = acceptance.limits
        change.advice =
            data == nil
            ? "give --data: cheaper layers must be trained" : "train longer with --epochs"
        return try change.perform {
            [.separateConvolutions]
                + ($0.hasData
                    ? [
                        .distill(
                            training.configuration(
                                seed: common.seed, batchSize: $0.batchSize, usualAugmentation: $0.augmentation,
                                isNormalized: $0.isNormalized, usualEpochs: $0.epochsOfNewLayers),
                            DistillationConfiguration(), teacher: model)
                    ] : [])
        }
    }

    func text(of record: ChangeRecord) -> String { record.text }
}
