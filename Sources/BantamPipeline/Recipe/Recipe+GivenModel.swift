public import BantamMedia
import BantamPruning
import BantamQuantization
import BantamTraining

extension Recipe {
    /// Makes a trained model smaller without leaving its architecture. The model itself is the teacher.
    ///
    /// - Parameters:
    ///   - batchSize: Of the fine-tuning.
    ///   - augmentation: How samples may be changed without another meaning.
    public static func givenModel(
        seed: UInt64 = 0, batchSize: Int = 32, augmentation: [Augmentation] = []
    ) -> Recipe {
        let fineTuning = TrainingConfiguration(
            epochs: 10, batchSize: batchSize, schedule: LearningRateSchedule(peak: 0.01, warmup: 0.05),
            augmentation: augmentation, gradientClipping: 5, seed: seed)
        let pruning = StructuredPruning.Configuration(
            .macs(0.5), criterion: ReconstructionError.name, fallback: L1Norm.name)
        let pruned: [Step] = [
            .prune(
                GradualPruning(.channels(pruning), training: fineTuning, distillation: DistillationConfiguration()))
        ]
        let integers = Step.quantizeStatic(StaticQuantizationConfiguration(seed: seed))
        return Recipe(
            baseline: "original",
            variants: [
                Variant(name: "original", method: "as given", source: .input, steps: []),
                Variant(
                    name: "int8", method: "INT8 weights per channel, calibrated INT8 activations",
                    source: .variant("original"), steps: [integers]),
                Variant(
                    name: "pruned",
                    method: "half of the MACs removed as whole channels, fine-tuned on the original's answers",
                    source: .variant("original"), steps: pruned),
                Variant(name: "pruned-int8", method: "both", source: .variant("pruned"), steps: [integers]),
            ])
    }
}
