public import BantamGraph
public import BantamModel

// Texts of `CompressionError`.

extension CodedError<CompressionErrorCode> {
    static var awarenessWithinLimits: Self {
        Self(
            .invalidTarget,
            "Limits put operators back to floating point, and quantization-aware training trains all of them for INT8; "
                + "leave the limits out.")
    }

    static func invalidFreeze(_ share: Double) -> Self {
        Self(
            .invalidTarget,
            "Statistics and scales cannot be frozen after \(share) of the training; it must be from 0 to 1.")
    }

    static func invalidRounds(_ rounds: Int) -> Self {
        Self(.invalidTarget, "Pruning in \(rounds) rounds has no meaning; there must be at least 1.")
    }

    static var sparseLearningOfWeights: Self {
        Self(
            .invalidTarget,
            "Sparse learning drives channels towards zero, and single weights are to be pruned; leave it out.")
    }

    static func unwritableScores(_ path: String, reason: String) -> Self {
        Self(
            .invalidScores, "The scores cannot be written (\(reason)); make room in the temporary folder.",
            location: ErrorLocation(file: path))
    }

    static func invalidScores(_ path: String, bytes: Int, classes: Int) -> Self {
        Self(
            .invalidScores, "The file of \(bytes) bytes does not hold rows of \(classes) scores.",
            location: ErrorLocation(file: path))
    }

    static func scoreMismatch(_ counts: Shape, reference: Shape) -> Self {
        Self(
            .invalidScores,
            "Scores of \(counts[0]) samples and \(counts[1]) classes cannot be compared with those of \(reference[0]) "
                + "samples and \(reference[1]) classes; run both models on the same data.")
    }

    static func noClassScores(of outputs: [String]) -> Self {
        Self(
            .noScores,
            "The model gives no class scores (its outputs are \(outputs.joined(separator: ", "))), so labels of classes "
                + "cannot train it; `distill` and `prune` learn from another model's outputs, whatever they are.")
    }

    static func otherClassCount(_ task: TaskDescription, teacher: String, teacherTask: TaskDescription) -> Self {
        Self(
            .noScores,
            "The model gives \(task.countOfScores) and its teacher \(teacher) \(teacherTask.countOfScores); a student "
                + "learns from a teacher of the same classes.")
    }

    static func otherOutputs(_ shapes: [Shape], teacher: String, teacherOutputs: [Shape]) -> Self {
        func list(_ shapes: [Shape]) -> String { shapes.map { "\($0)" }.joined(separator: ", ") }
        return Self(
            .noScores,
            "The model's outputs are \(list(shapes)) and those of its teacher \(teacher) \(list(teacherOutputs)); outputs that "
                + "are no class scores can only be learned one by one.")
    }

    public static func noTeacher(_ name: String) -> Self {
        Self(.unknownName, "There is no teacher \(name); a variant can only learn from one that was made before it.")
    }

    public static func teacherSeesOtherwise(_ name: String) -> Self {
        Self(
            .otherPreprocessing,
            "\(name) is given samples prepared otherwise than the student's (size, colours, normalization or frames), so it can "
                + "be asked about unchanged ones alone; leave out --augment.")
    }
}
