import ArgumentParser
import BantamPipeline
import BantamPruning
import BantamTraining

/// In which rounds a model is pruned, and what happens after each.
struct RoundOptions: ParsableArguments {
    @Option(help: "Prune in this many rounds, with a part of the epochs after each.")
    var rounds = 1

    @Option(help: "How much of the way each round goes: \(names(GradualPruning.Schedule.self)).")
    var roundSchedule = GradualPruning.Schedule.cubic

    @Option(
        help: """
            Samples on which the layers that read removed channels are fitted to what they did before; 0 for none. So many \
            are taken as there is memory for.
            """)
    var reconstructionSamples = 256

    @Option(
        help: """
            Samples on which BatchNorm's statistics are measured anew after each round, where layers are not fitted; 0 for \
            none.
            """)
    var recalibrationSamples = 2048

    @Flag(
        inversion: .prefixedNo,
        help: "Fine-tune with the unpruned model as teacher beside the labels.")
    var teacher = true

    @Option(help: "The share of the teacher in the loss, 0 to 1; at 1 labels are not looked at.")
    var alpha = usualAlpha

    @Option(help: "Softens the teacher's answers; 1 leaves them as they are.")
    var temperature = usualTemperature

    @Option(
        parsing: .unconditional,
        help: """
            How much the unpruned model's features at the end of each stage count beside its answers; 0 for not at all. \
            With 15 to 200 models learned faster; where the loss diverges, lower the rate or clip gradients. The unpruned \
            model is then asked in each epoch, whatever --views says.
            """)
    var featureWeight = 0.0

    private static let usualAlpha = 0.7
    private static let usualTemperature = 4.0

    func validate() throws {
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be between 1 and 1000.") }
        guard reconstructionSamples >= 0 else {
            throw ValidationError("--reconstruction-samples must not be negative.")
        }
        guard recalibrationSamples >= 0 else { throw ValidationError("--recalibration-samples must not be negative.") }
        guard (0...1).contains(alpha) else { throw ValidationError("--alpha must be between 0 and 1.") }
        guard temperature > 0, temperature <= 1000 else {
            throw ValidationError("--temperature must be more than 0 and at most 1000.")
        }
        guard featureWeight >= 0, featureWeight.isFinite else {
            throw ValidationError("--feature-weight must not be negative.")
        }
        if !teacher, let option = firstAboutAnswers {
            throw ValidationError("\(option) is about what the teacher says: leave out --no-teacher.")
        }
    }

    /// An option about the teacher, if one was given.
    var firstOfTeacher: String? { teacher ? firstAboutAnswers : "--no-teacher" }

    private var firstAboutAnswers: String? {
        let given = [
            (alpha != Self.usualAlpha, "--alpha"), (temperature != Self.usualTemperature, "--temperature"),
            (featureWeight != 0, "--feature-weight"),
        ]
        return given.first { $0.0 }?.1
    }

    /// - Parameter training: `nil` without data.
    func step(
        _ method: GradualPruning.Method, sparseLearning: SparseLearning?, training: TrainingConfiguration?
    ) -> Recipe.Step {
        let distillation = teacher ? DistillationConfiguration(alpha: alpha, temperature: temperature) : nil
        return .prune(
            GradualPruning(
                method, rounds: rounds, schedule: roundSchedule, sparseLearning: sparseLearning,
                reconstructionSamples: reconstructionSamples, recalibrationSamples: recalibrationSamples,
                training: training, distillation: distillation,
                featureWeight: featureWeight))
    }
}
