import BantamDistillation
import BantamGraph
import BantamLayerwise
import BantamPruning
import BantamTensor
import BantamTraining

/// What pruned models are trained for, with the unpruned one as teacher.
struct PrunedObjective {
    private let gradual: GradualPruning
    private let original: Graph
    private let teacher: NetworkTeacher?
    /// What the model is trained for before anything is removed.
    let ofOriginal: any Objective

    /// - Parameter objective: Of the original.
    init(
        _ gradual: GradualPruning, _ training: TrainingConfiguration, teacher original: Graph,
        objective: any Objective, device: Device
    ) throws {
        self.gradual = gradual
        self.original = original
        ofOriginal = objective
        teacher =
            gradual.featureWeight > 0 && gradual.distillation != nil
            ? try NetworkTeacher(original, device: device, precision: training.precision) : nil
    }

    /// For what became of the model in a round.
    ///
    /// - Parameter plans: What was removed from the original, in order.
    func callAsFunction(of pruned: Graph, after plans: [StructuredPruning.Plan]) throws -> any Objective {
        guard let teacher, let distillation = ofOriginal as? Distillation else { return ofOriginal }
        var marks = try ChannelMarks(original)
        for plan in plans { try marks.apply { try StructuredPruning.apply(plan, to: &$0) } }
        let features = try FeatureMatching.Feature.stageEnds(of: original, in: pruned, marks)
            .filter { teacher.computes($0.value) }
        guard !features.isEmpty else { return distillation }
        return FeatureMatching(distillation, teacher: teacher, features: features, weight: gradual.featureWeight)
    }
}
