import ArgumentParser
import BantamPipeline
import BantamQuantization
import BantamTraining

/// How a model is trained for INT8.
struct AwareOptions: ParsableArguments {
    @Flag(help: "Train the model for INT8, from where calibration ends. Data without labels do.")
    var aware = false

    @Option(
        parsing: .unconditional,
        help: """
            The share of the training after which the statistics of BatchNorm and the learned scales stay as they are, 0 \
            to 1.
            """)
    var freezeAfter = 0.5

    @Flag(help: "Let BatchNorm follow the batches until then, for long trainings, instead of folding it first.")
    var trainNorms = false

    @Flag(inversion: .prefixedNo, help: "Train with the float model as teacher beside the labels.")
    var teacher = true

    @Option(help: "The share of the teacher in the loss, 0 to 1; at 1 labels are not looked at.")
    var alpha = 0.7

    @Option(help: "Softens the teacher's answers; 1 leaves them as they are.")
    var temperature = 4.0

    /// Rounding is a small change: little has to be learned, and large steps destroy more. At 0.001 without clipping a
    /// ResNet-20 lost what it knew after 20 steps.
    static let usualEpochs = 3
    static let usualRate = 0.0001
    static let usualClipping = 1.0

    func validate() throws {
        guard (0...1).contains(freezeAfter) else {
            throw ValidationError("--freeze-after must be between 0 and 1.")
        }
        guard (0...1).contains(alpha) else { throw ValidationError("--alpha must be between 0 and 1.") }
        guard temperature > 0, temperature <= 1000 else {
            throw ValidationError("--temperature must be more than 0 and at most 1000.")
        }
    }

    func step(
        _ quantization: StaticQuantizationConfiguration, _ training: TrainingOptions, seed: UInt64, batchSize: Int
    ) -> Recipe.Step {
        var training = training.configuration(
            seed: seed, batchSize: batchSize, usualRate: Self.usualRate, usualEpochs: Self.usualEpochs,
            usualClipping: Self.usualClipping)
        training.freezeAfter = freezeAfter
        let distillation = teacher ? DistillationConfiguration(alpha: alpha, temperature: temperature) : nil
        return .quantizeAware(
            QuantizationAwareTraining(
                quantization: quantization, training: training, distillation: distillation, trainsNorms: trainNorms))
    }
}
