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
    private let teacher: LiveTeacher?
    private let distillation: Distillation?
    private let labels: CrossEntropy

    init(
        _ gradual: GradualPruning, _ training: TrainingConfiguration, teacher original: Graph, device: Device
    ) throws {
        self.gradual = gradual
        self.original = original
        labels = CrossEntropy(labelSmoothing: training.labelSmoothing)
        let teacher = try gradual.distillation.map { _ in
            try LiveTeacher(original, device: device, precision: training.precision)
        }
        self.teacher = teacher
        distillation = gradual.distillation.flatMap { configuration in
            teacher.map {
                Distillation(
                    configuration, teacher: $0.remembering(during: training), labelSmoothing: training.labelSmoothing)
            }
        }
    }

    /// What the model is trained for before anything is removed.
    var ofOriginal: any Objective { distillation ?? labels }

    /// For what became of the model in a round.
    ///
    /// - Parameter plans: What was removed from the original, in order.
    func callAsFunction(of pruned: Graph, after plans: [StructuredPruning.Plan]) throws -> any Objective {
        guard let teacher, let distillation, gradual.featureWeight > 0 else { return ofOriginal }
        var marks = try ChannelMarks(original)
        for plan in plans { try marks.apply { try StructuredPruning.apply(plan, to: &$0) } }
        let features = try FeatureMatching.Feature.stageEnds(of: original, in: pruned, marks)
            .filter { teacher.computes($0.value) }
        guard !features.isEmpty else { return distillation }
        return FeatureMatching(distillation, teacher: teacher, features: features, weight: gradual.featureWeight)
    }
}
