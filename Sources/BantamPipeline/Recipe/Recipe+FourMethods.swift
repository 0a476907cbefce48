import BantamPruning
import BantamQuantization
import BantamTraining

extension Recipe {
    /// Makes a small CNN smaller by each of the four methods, and by all of them in a chain.
    ///
    /// Every accuracy has its control: the distilled models stand beside the same models trained without a teacher.
    public static func fourMethods(seed: UInt64 = 0) -> Recipe {
        // Gradients are clipped because a product of two layers, as in a separable convolution, can run away.
        func training(_ epochs: Int, rate: Double = 0.05) -> TrainingConfiguration {
            TrainingConfiguration(
                epochs: epochs, batchSize: 128, optimizer: .sgd(momentum: 0.9, weightDecay: 5e-4),
                schedule: LearningRateSchedule(peak: rate, decay: .cosine(floor: 0), warmup: 0.05),
                gradientClipping: 5, seed: seed)
        }
        let distillation = DistillationConfiguration(alpha: 0.7, temperature: 4)
        func distilled(_ epochs: Int, rate: Double = 0.05) -> Step {
            .distill(training(epochs, rate: rate), distillation, teacher: "teacher")
        }
        func variant(_ name: String, _ method: String, _ source: Source, _ steps: Step...) -> Variant {
            Variant(name: name, method: method, source: source, steps: steps)
        }
        let halfTheMACs = Step.prune(GradualPruning(.channels(StructuredPruning.Configuration(.macs(0.5)))))
        let integers = Step.quantizeStatic(StaticQuantizationConfiguration(seed: seed))
        return Recipe(
            baseline: "original",
            variants: [
                variant("original", "simple_cnn, trained on labels", .architecture("simple_cnn"), .train(training(6))),
                variant(
                    "teacher", "wide_cnn, 13 times the parameters, trained on labels", .architecture("wide_cnn"),
                    .train(training(3, rate: 0.1))),
                variant(
                    "pruned", "half of the MACs removed as whole channels by L1 group importance, fine-tuned",
                    .variant("original"), halfTheMACs, .train(training(2, rate: 0.02))),
                variant(
                    "sparse", "80 % of the weights set to zero by global L1, fine-tuned with zeros kept",
                    .variant("original"),
                    .prune(GradualPruning(.weights(UnstructuredPruning.Configuration(sparsity: 0.8)))),
                    .train(training(2, rate: 0.02), keepsZeros: true)),
                variant(
                    "int8-static", "INT8 weights per channel, calibrated INT8 activations", .variant("original"),
                    integers),
                variant(
                    "int8-dynamic", "INT8 weights per channel, activations scaled at run time", .variant("original"),
                    .quantizeDynamic),
                variant(
                    "distilled", "simple_cnn, trained on the teacher's answers (control: original)",
                    .architecture("simple_cnn"), distilled(6)),
                variant(
                    "separable", "depthwise-separable 3x3 convolutions, trained on labels (control)",
                    .architecture("simple_cnn"), .separateConvolutions, .train(training(6))),
                variant(
                    "separable-distilled", "depthwise-separable 3x3 convolutions, trained on the teacher's answers",
                    .architecture("simple_cnn"), .separateConvolutions, distilled(6)),
                variant(
                    "chain", "distilled, half of the MACs pruned, distilled again, INT8", .variant("distilled"),
                    halfTheMACs, distilled(3, rate: 0.02), integers),
            ])
    }
}

extension Recipe.Step {
    /// A few words for progress.
    public var label: String {
        switch self {
        case .train(let configuration, _): "training \(configuration.epochs.epochs)"
        case .distill(let configuration, _, let teacher, _): "learning from \(teacher), \(configuration.epochs.epochs)"
        case .separateConvolutions: "separating convolutions"
        case .prune(let gradual):
            switch gradual.method {
            case .channels: "removing channels"
            case .weights: "zeroing weights"
            }
        case .quantizeStatic: "calibrating and quantizing"
        case .quantizeDynamic: "quantizing"
        case .quantizeAware(let aware): "training for INT8, \(aware.training.epochs.epochs)"
        case .quantizeWeights(let configuration): "storing weights as \(configuration.form.rawValue)"
        }
    }
}

extension Int {
    fileprivate var epochs: String { self == 1 ? "1 epoch" : "\(self) epochs" }
}
