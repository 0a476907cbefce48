import ArgumentParser
import BantamMedia
import BantamModel
import BantamTensor
import BantamTraining

/// How to train, for every command that does.
struct TrainingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: """
            Passes over the training data; by default \(usualEpochs), \(AwareOptions.usualEpochs) with --aware, and up to \
            100 for `restructure`, so that new layers get some 2000 steps; 0 to prune without fine-tuning.
            """)
    var epochs: Int?

    @Option(
        parsing: .unconditional,
        help: "Samples in a batch; by default as many as suit the number of samples and the memory, at most 128.")
    var batchSize: Int?

    @Option(
        parsing: .unconditional,
        help: """
            The largest learning rate; by default 0.05 for sgd, 0.01 where a pruned model is fine-tuned or a trained one \
            gets another classifier, 0.0001 with --aware, and 0.001 for adamw.
            """)
    var learningRate: Double?

    @Option(
        help: """
            sgd or adamw; by default sgd, and adamw where `train` or `restructure` is given a model without normalization \
            layers, which large steps would kill.
            """)
    var optimizer: OptimizerName?

    @Option(help: "How the learning rate falls: cosine, step (by 10 at 1/2 and 3/4) or constant.")
    var schedule = ScheduleName.cosine

    @Option(help: "The fraction of the training during which the learning rate rises.")
    var warmup = 0.05

    @Option(
        parsing: .unconditional, help: "Shrinks weights at each step; by default 0.0005 for sgd and 0.01 for adamw.")
    var weightDecay: Double?

    @Option(help: "The share of the target that is spread over all classes.")
    var labelSmoothing = 0.0

    @Option(help: "Exports a moving average of the weights with this decay, such as 0.999; 0 for none.")
    var averageDecay = 0.0

    @Option(help: "Stops after this many epochs without gain on held-out samples.")
    var patience: Int?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Write the weights of the epoch that does best on held-out samples (the split val, or a tenth of the training \
            split), and not the last one's; with --no-keep-best all samples are trained on.
            """)
    var keepBest = true

    @Option(help: "float32, or bfloat16 for convolutions and matrix products.")
    var precision = ArithmeticPrecision.float32

    @Option(
        help: ArgumentHelp(
            """
            Changes samples at random: flip, crop=4 (pixels), jitter=0.2, erase=0.25, cutmix=0.5 (puts a part of another \
            sample in), window (of a clip), none; any number. By default `train`, `prune` and `restructure` mirror \
            photographs and shift them by up to a fourteenth.
            """, valueName: "change"))
    var augment: [AugmentationArgument] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            How many randomly changed views each sample has. Epochs take them in turn, and a teacher answers each view \
            once, which saves time where it is a large model. By default each epoch has a new one.
            """, valueName: "number"))
    var views: Int?

    @Option(
        parsing: .unconditional,
        help: "Clips the norm of the gradient; by default 1 with --aware and 5 elsewhere; 0 for never.")
    var gradientClipping: Double?

    @Option(
        help: ArgumentHelp(
            """
            Layers that keep their weights: backbone, for all but the classifier, or the name of a node up to which all \
            keep them.
            """, valueName: "layers"))
    var freeze: String?

    @Option(
        parsing: .unconditional,
        help: "What the learning rate of all layers but the classifier is multiplied by, such as 0.1.")
    var backboneRate = 1.0

    @Option(
        help: """
            What is done about classes of different frequency: none; weights, which let samples of rare classes count more; \
            sampling, which shows all classes equally often.
            """)
    var balance = ClassBalancing.none

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            What judges epochs and the result: the share of the training samples that is held out where the data have no \
            split val, or a folder of class folders.
            """, valueName: "share or folder"), completion: .directory)
    var validation = ValidationArgument.share(HoldOut().share)

    @Option(
        help: ArgumentHelp(
            "A CSV file with lines file,group: samples of one group are held out together.", valueName: "file"),
        completion: .file(extensions: ["csv"]))
    var groups: String?

    @Flag(help: "Leave files out that cannot be decoded; without it they are all listed, and nothing is done.")
    var skipDamaged = false

    @Option(help: "cpu or cuda.")
    var device = Device.cpu

    @Option(
        help: """
            A folder for checkpoints; training goes on from the latest in it, with the same settings but for --epochs.
            """,
        completion: .directory)
    var checkpoints: String?

    enum OptimizerName: String, CaseIterable, ExpressibleByArgument { case sgd, adamw }
    enum ScheduleName: String, CaseIterable, ExpressibleByArgument { case cosine, step, constant }

    func validate() throws {
        guard (0...TrainingConfiguration.mostEpochs).contains(epochs ?? 1) else {
            throw ValidationError("--epochs must be between 0 and 1000000.")
        }
        guard (1...TrainingConfiguration.largestBatch).contains(batchSize ?? 1) else {
            throw ValidationError("--batch-size must be between 1 and \(TrainingConfiguration.largestBatch).")
        }
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate must be positive.")
        }
        for (name, value) in [("weight-decay", weightDecay ?? 0), ("gradient-clipping", gradientClipping ?? 0)] {
            guard value >= 0, value.isFinite else { throw ValidationError("--\(name) must not be negative.") }
        }
        for (name, value) in [("warmup", warmup), ("label-smoothing", labelSmoothing), ("average-decay", averageDecay)]
        {
            guard (0..<1).contains(value) else { throw ValidationError("--\(name) must be at least 0 and below 1.") }
        }
        guard backboneRate > 0, backboneRate.isFinite else {
            throw ValidationError("--backbone-rate must be more than 0.")
        }
        if let views, views < 1 { throw ValidationError("--views must be at least 1.") }
        let changes = augment.compactMap(\.augmentation)
        guard changes.count == augment.count || augment.count == 1 else {
            throw ValidationError("--augment none stands alone.")
        }
        if views != nil, !augment.isEmpty, changes.isEmpty {
            throw ValidationError("--views counts changed views of a sample, and --augment none has nothing changed.")
        }
        if let patience, patience < 1 { throw ValidationError("--patience must be at least 1.") }
    }

    /// Whether held-out samples choose among the epochs; without need for them all are trained on.
    var judgesEpochs: Bool { keepBest || patience != nil }

    /// For commands that have nothing to do but train.
    func requireEpochs() throws {
        guard epochs != 0 else { throw ValidationError("--epochs must be at least 1: only prune can do without.") }
    }

    static let usualEpochs = 10
    /// For SGD to learn something new.
    static let usualRate = 0.05
    /// For SGD to mend what is there: larger steps would destroy it.
    static let fineTuningRate = 0.01
    static let usualClipping = 5.0

    /// - Parameters:
    ///   - batchSize: Where none is given.
    ///   - usualAugmentation: Where none is given.
    ///   - isNormalized: Whether the model has normalization layers, which large steps do not harm.
    ///   - usualRate: The learning rate of SGD where none is given.
    ///   - usualEpochs: Where none are given.
    ///   - usualClipping: Where none is given.
    func configuration(
        seed: UInt64, batchSize usualBatchSize: Int, usualAugmentation: [Augmentation] = [],
        isNormalized: Bool = true,
        usualRate: Double = usualRate,
        usualEpochs: Int = usualEpochs,
        usualClipping: Double = usualClipping
    ) -> TrainingConfiguration {
        let chosen = optimizer ?? (isNormalized ? .sgd : .adamw)
        let rule: OptimizerConfiguration =
            switch chosen {
            case .sgd: .sgd(weightDecay: weightDecay ?? 5e-4)
            case .adamw: .adamW(weightDecay: weightDecay ?? 0.01)
            }
        let decay: LearningRateSchedule.Decay =
            switch schedule {
            case .cosine: .cosine(floor: 0)
            case .step: .step(milestones: [0.5, 0.75], factor: 0.1)
            case .constant: .constant
            }
        let usualPeak = chosen == .sgd ? usualRate : 1e-3
        let peak = learningRate ?? usualPeak
        return TrainingConfiguration(
            epochs: epochs ?? usualEpochs, batchSize: batchSize ?? usualBatchSize, optimizer: rule,
            schedule: LearningRateSchedule(peak: peak, decay: decay, warmup: warmup),
            rateAfterClassifierFit: learningRate ?? (chosen == .sgd ? min(usualPeak, Self.fineTuningRate) : usualPeak),
            labelSmoothing: labelSmoothing,
            averageDecay: averageDecay, earlyStopping: patience.map { EarlyStopping(patience: $0) },
            keepsBest: keepBest, precision: precision,
            augmentation: augment.isEmpty ? usualAugmentation : augment.compactMap(\.augmentation),
            views: views,
            gradientClipping: gradientClipping ?? usualClipping,
            freeze: freeze.map { $0 == "backbone" ? .backbone : .upTo($0) }, backboneRate: backboneRate,
            balance: balance,
            seed: seed)
    }

    /// An option that says how to train, if one of those that have no default was given.
    var firstGiven: String? {
        let given = [
            ("--epochs", epochs != nil), ("--learning-rate", learningRate != nil),
            ("--weight-decay", weightDecay != nil), ("--patience", patience != nil),
            ("--checkpoints", checkpoints != nil), ("--gradient-clipping", gradientClipping != nil),
            ("--augment", !augment.isEmpty), ("--batch-size", batchSize != nil), ("--no-keep-best", !keepBest),
        ]
        return given.first { $0.1 }?.0
    }

    var checkpointFolder: CheckpointFolder? { checkpoints.map { CheckpointFolder($0) } }
}
