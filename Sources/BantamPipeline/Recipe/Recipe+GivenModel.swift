import BantamPruning
import BantamQuantization
import BantamTraining

extension Recipe {
    /// Makes a trained model smaller without leaving its architecture. The model itself is the teacher.
    public static func givenModel(seed: UInt64 = 0) -> Recipe {
        let fineTuning = TrainingConfiguration(
            epochs: 3, batchSize: 64, schedule: LearningRateSchedule(peak: 0.01, warmup: 0.05), seed: seed)
        let pruned: [Step] = [
            .prune(GradualPruning(.channels(StructuredPruning.Configuration(.macs(0.5))))),
            .distill(fineTuning, DistillationConfiguration(), teacher: "original"),
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
