import ArgumentParser
import BantamPipeline

struct Train: BantamCommand {
    static let configuration = CommandConfiguration(abstract: "Trains a model on labelled images.")

    @Argument(help: "The ONNX file to start from.", completion: .model)
    var model: String

    @Option(help: "A folder of images, DIR/{train,test}/CLASS/*.png, or of an IDX pair.", completion: .directory)
    var data: String

    @Option(name: [.short, .long], help: outputHelp, completion: .model)
    var output: String

    @Flag(help: "Keep weights zero that are zero, as in a model from `prune --sparsity`.")
    var keepZeros = false

    @OptionGroup var training: TrainingOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws { try training.requireEpochs() }

    func execute(console: Console) throws -> ChangeRecord {
        var change = ModelChange(
            model: model, chosen: try input.chosen(), data: data, output: output, training: training,
            common: common, console: console)
        change.learnsClasses = true
        return try change.perform {
            [
                .train(
                    training.configuration(
                        seed: common.seed, batchSize: $0.batchSize, usualAugmentation: $0.augmentation,
                        isNormalized: $0.isNormalized),
                    keepsZeros: keepZeros)
            ]
        }
    }

    func text(of record: ChangeRecord) -> String { record.text }
}
