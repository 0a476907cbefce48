import ArgumentParser
import BantamCompression
import BantamTraining

/// Which channels go, and how many.
struct PruningOptions: ParsableArguments {
    @Option(help: "The MACs to keep: a fraction (0.5, 50%) or a number (120M).")
    var targetMacs: TargetArgument?

    @Option(help: "The parameters to keep: a fraction or a number (2.5M).")
    var targetParameters: TargetArgument?

    @Option(help: "The size of the file to write: a fraction of what it is, or bytes (2.5MB).")
    var targetFileSize: TargetArgument?

    @Option(
        help: "The time of one sample, measured on this machine while pruning: a fraction of what it is, or 12ms.")
    var targetLatency: TargetArgument?

    @Option(help: "Which channels go first: \(ImportanceCriteria.all.map { $0.name }.joined(separator: ", ")).")
    var criterion = L1Norm.name

    @Option(help: "How a channel's scores in several layers become one: \(names(GroupReduction.self)).")
    var reduction = GroupReduction.mean

    @Option(help: "How groups are made comparable: \(names(ScoreNormalizer.self)); by default the criterion's own way.")
    var normalizer: ScoreNormalizer?

    @Option(help: "Which channels compete: \(names(RankingScope.self)).")
    var scope = RankingScope.global

    @Option(help: "The largest fraction of its channels that a layer may lose.")
    var largestCut = 0.9

    @Option(help: "Keep a multiple of this many channels in each layer, such as 8 or 16.")
    var channelMultiple = 1

    @Option(help: "A layer that keeps all of its channels, by the name of its node or weight; * stands for anything.")
    var protect: [String] = []

    @Option(help: "Prune in this many rounds, with a part of the epochs after each.")
    var rounds = 1

    @Option(help: "How much of the way each round goes: \(names(GradualPruning.Schedule.self)).")
    var roundSchedule = GradualPruning.Schedule.cubic

    @Option(help: "Samples on which BatchNorm's statistics are measured anew after each round; 0 for none.")
    var recalibrationSamples = 2048

    @Flag(
        inversion: .prefixedNo,
        help: "Fine-tune with the unpruned model as teacher beside the labels.")
    var teacher = true

    @Option(help: "The share of the teacher in the loss, 0 to 1; at 1 labels are not looked at.")
    var alpha = 0.7

    @Option(help: "Softens the teacher's answers; 1 leaves them as they are.")
    var temperature = 4.0

    /// The targets that were given; one at most makes sense.
    private var given: [(TargetArgument, PruningTarget.Quantity, String)] {
        let all = [
            (targetMacs, PruningTarget.Quantity.macs, "--target-macs"),
            (targetParameters, .parameters, "--target-parameters"),
            (targetFileSize, .fileSize, "--target-file-size"), (targetLatency, .latency, "--target-latency"),
        ]
        return all.compactMap { target, quantity, option in target.map { ($0, quantity, option) } }
    }

    var hasTarget: Bool { !given.isEmpty }

    func validate() throws {
        guard given.count <= 1 else {
            throw ValidationError("Give one target, not \(given.map(\.2).joined(separator: " and ")).")
        }
        guard channelMultiple > 0 else { throw ValidationError("--channel-multiple must be at least 1.") }
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be between 1 and 1000.") }
        guard recalibrationSamples >= 0 else { throw ValidationError("--recalibration-samples must not be negative.") }
        guard (0...1).contains(alpha) else { throw ValidationError("--alpha must be between 0 and 1.") }
        guard temperature > 0, temperature <= 1000 else {
            throw ValidationError("--temperature must be more than 0 and at most 1000.")
        }
        guard (0...1).contains(largestCut) else { throw ValidationError("--largest-cut must be between 0 and 1.") }
        _ = try configuration()
    }

    /// What was asked for; `nil` without a target.
    ///
    /// - Parameter training: `nil` without data.
    func steps(training: TrainingConfiguration?) throws -> [Recipe.Step]? {
        guard let configuration = try configuration() else { return nil }
        let distillation = teacher ? DistillationConfiguration(alpha: alpha, temperature: temperature) : nil
        return [
            .pruneGradually(
                GradualPruning(
                    configuration, rounds: rounds, schedule: roundSchedule,
                    recalibrationSamples: recalibrationSamples, training: training, distillation: distillation))
        ]
    }

    private func configuration() throws -> StructuredPruning.Configuration? {
        guard let (argument, quantity, option) = given.first else { return nil }
        return StructuredPruning.Configuration(
            try argument.target(quantity, option: option), criterion: criterion, reduction: reduction,
            normalizer: normalizer, scope: scope,
            limits: PruningLimits(
                largestCut: largestCut, channelMultiple: channelMultiple, protectedLayers: protect))
    }
}

private func names<Choice: CaseIterable & RawRepresentable>(_: Choice.Type) -> String where Choice.RawValue == String {
    Choice.allCases.map(\.rawValue).joined(separator: ", ")
}
