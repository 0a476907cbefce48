extension Recipe.Step {
    /// What in the step learns from labels and from nothing else, so that data without them are of no use to it; `nil`
    /// where nothing does.
    public var workThatNeedsLabels: String? {
        switch self {
        case .train: "training"
        case .prune(let gradual):
            gradual.training != nil && gradual.distillation == nil ? "fine-tuning without a teacher" : nil
        case .quantizeAware(let aware):
            aware.distillation == nil ? "quantization-aware training without a teacher" : nil
        case .distill, .separateConvolutions, .quantizeStatic, .quantizeDynamic,
            .quantizeWeights:
            nil
        }
    }

    /// The step as it is done on data without labels: where it learns from a teacher and labels, from the teacher alone.
    public var withoutLabels: Recipe.Step {
        switch self {
        case .distill(let training, var distillation, let teacher, let keepsZeros):
            distillation.alpha = 1
            return .distill(training, distillation, teacher: teacher, keepsZeros: keepsZeros)
        case .prune(var gradual):
            gradual.distillation?.alpha = 1
            // The teacher normalizes by its stored statistics. A batch's own ones, of samples that may be few and other than
            // those it was trained on, would make another function of the student.
            if gradual.training?.freezeAfter == nil { gradual.training?.freezeAfter = 0 }
            return .prune(gradual)
        case .quantizeAware(var aware):
            aware.distillation?.alpha = 1
            return .quantizeAware(aware)
        default: return self
        }
    }

    /// Whether the step's outcome depends on what a teacher says.
    public var hasTeacher: Bool {
        switch self {
        case .distill: true
        case .prune(let gradual): gradual.training != nil && gradual.distillation != nil
        case .quantizeAware(let aware): aware.distillation != nil
        default: false
        }
    }
}
