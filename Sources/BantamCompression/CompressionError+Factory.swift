public import BantamGraph

// Every text of a `CompressionError`.

extension CodedError<CompressionErrorCode> {
    static func invalidGraph(_ cause: GraphError) -> Self {
        Self(.invalidGraph, "The model cannot be compressed because it is not valid.", cause: cause)
    }

    static func unknown(_ kind: String, _ name: String, known: [String]) -> Self {
        Self(.unknownName, "There is no \(kind) \(name); there are \(known.joined(separator: ", ")).")
    }

    // MARK: Calibration

    static func noCalibrationData(for value: String) -> Self {
        Self(
            .noCalibrationData,
            "No calibration data reached the activation \(value); run at least one sample through the model.")
    }

    static func emptyActivation(_ type: TensorType, of value: String) -> Self {
        Self(
            .noCalibrationData,
            "The activation \(value) is empty, \(type); calibrate with samples for which it has elements.")
    }

    static func notFinite(activation value: String) -> Self {
        Self(
            .notFinite,
            "The activation \(value) holds NaN or infinity during calibration; check the input's preprocessing and the "
                + "model's weights, or keep the operators that compute it out of the model.")
    }

    static func notFinite(weight value: String) -> Self {
        Self(.notFinite, "The weight \(value) holds NaN or infinity; it was damaged or its training diverged.")
    }

    static func activationDType(_ dtype: DType, of value: String) -> Self {
        Self(
            .dtypeMismatch,
            "The activation \(value) was observed as \(dtype.rawValue); calibration takes float32: run the model in that "
                + "type.")
    }

    // MARK: Plans

    static func nothingToQuantize(reasons: [String]) -> Self {
        let shown = reasons.prefix(4).joined(separator: " ") + (reasons.count > 4 ? " ..." : "")
        return Self(
            .nothingToCompress,
            "No operator of the model can be quantized, so the result would be the same float model. \(shown)")
    }

    /// - Parameter reason: A clause.
    static func noPixelInput(_ reason: String) -> Self {
        Self(
            .nothingToCompress,
            "The model cannot take bytes as its input: \(reason), and the normalization can only move into convolutions; "
                + "leave the input as float32.")
    }

    static func planMismatch(_ missing: String) -> Self {
        Self(
            .planMismatch,
            "The plan names \(missing), which the graph does not have in that role; apply a plan to the graph for which "
                + "it was made.")
    }

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

    static func invalidGroupSize(_ size: Int) -> Self {
        Self(
            .invalidTarget,
            "Groups of \(size) weights have no use: each takes a scale of 4 bytes. There must be at least "
                + "\(WeightOnlyConfiguration.smallestGroup) weights in a group.")
    }

    /// - Parameter least: The bytes of the file with all weights in the narrowest forms.
    static func unreachableFileSize(_ most: Double, least: Double) -> Self {
        Self(
            .unreachableTarget,
            "The file cannot have only \(number(most)) bytes: with all weights in their narrowest forms it still has "
                + "\(number(least)). Raise the target, or prune the model first.")
    }

    // MARK: Pruning and restructuring

    static func invalidSparsity(_ sparsity: Double) -> Self {
        Self(.invalidTarget, "A sparsity of \(sparsity) has no meaning; it must be at least 0 and less than 1.")
    }

    static func sparsity(_ sparsity: Double, beyond pattern: SparsityPattern) -> Self {
        Self(
            .invalidTarget,
            "A sparsity of \(sparsity) does not fit the pattern \(pattern), which leaves \(pattern.kept) of each "
                + "\(pattern.block) weights; give at most \(pattern.sparsity), or no pattern.")
    }

    static func invalidFraction(_ fraction: Double, of quantity: PruningTarget.Quantity) -> Self {
        Self(
            .invalidTarget,
            "A target of \(fraction) times the \(quantity.noun) has no meaning; it must be more than 0 and at most 1.")
    }

    static func invalidAmount(_ amount: Double, of quantity: PruningTarget.Quantity) -> Self {
        Self(.invalidTarget, "A target of \(amount) \(quantity.noun) has no meaning; it must be more than 0.")
    }

    static func invalidRounds(_ rounds: Int) -> Self {
        Self(.invalidTarget, "Pruning in \(rounds) rounds has no meaning; there must be at least 1.")
    }

    static func invalidStrength(_ strength: Double) -> Self {
        Self(
            .invalidTarget,
            "A penalty of strength \(strength) has no meaning; it must be more than 0, and \(GroupLasso.name) usually takes "
                + "\(GroupLasso.usualStrength).")
    }

    static var sparseLearningOfWeights: Self {
        Self(
            .invalidTarget,
            "Sparse learning drives channels towards zero, and single weights are to be pruned; leave it out.")
    }

    static func invalidSparseEpochs(_ epochs: Int) -> Self {
        Self(.invalidTarget, "Sparse learning for \(epochs) epochs has no meaning; there must be at least 1.")
    }

    static func invalidMultiple(_ multiple: Int) -> Self {
        Self(.invalidTarget, "A multiple of \(multiple) channels has no meaning; it must be from 1 to 4096.")
    }

    static func invalidCut(_ fraction: Double) -> Self {
        Self(
            .invalidTarget,
            "A largest cut of \(fraction) of a group's channels has no meaning; it must be from 0 to 1.")
    }

    static func unknownLayer(_ pattern: String) -> Self {
        Self(
            .unknownName,
            "The model has no layer or weight \(pattern) to protect; `bantam inspect --graph` lists them, and * stands for "
                + "any part of a name.")
    }

    /// - Parameter reliefs: What could be reached without one of the limits, and which.
    static func unreachable(
        _ quantity: PruningTarget.Quantity, most: Double, reachable: Double, before: Double, reliefs: [String]
    ) -> Self {
        let advice =
            reliefs.isEmpty
            ? "Raise the target: all channels that can go are gone then."
            : "Raise the target, or loosen what binds: it could reach \(reliefs.joined(separator: ", "))."
        return Self(
            .unreachableTarget,
            "The model has \(number(before)) \(quantity.noun) and cannot be pruned to \(number(most)): with the fewest "
                + "channels allowed it still has \(number(reachable)). \(advice)")
    }

    /// Whole numbers without a fraction, others to three digits, of which those below 1 have as many that count.
    static func number(_ amount: Double) -> String {
        if amount == amount.rounded(), abs(amount) < 1e15 { return "\(Int(amount))" }
        var scale = 1000.0
        while abs(amount) * scale < 100, scale < 1e300 { scale *= 10 }
        return "\((amount * scale).rounded() / scale)"
    }

    static func unmetBudget(_ quantity: PruningTarget.Quantity, _ most: Double, least: Double) -> Self {
        Self(
            .unreachableTarget,
            "With all operators in INT8 that can be, the model has \(number(least)) \(quantity.noun), and \(number(most)) "
                + "are allowed. Prune it first, or raise the limit.")
    }

    static func unmetDrop(_ maximum: Double, least: Double) -> Self {
        Self(
            .unreachableTarget,
            "The model lost \(number(least)) points of accuracy, and \(number(maximum)) are allowed. Raise the limits, "
                + "measure ranges on more samples or with another calibrator, or train with --aware.")
    }

    static func nothingWithinLimits(_ count: Int) -> Self {
        Self(
            .unreachableTarget,
            "None of the \(count) operators that can compute in INT8 can do so within the limits. Raise them, or store "
                + "the weights alone as integers.")
    }

    static var noMeterOfAnswers: Self {
        Self(.invalidTarget, "A largest drop needs a way to ask the file, which this caller did not give.")
    }

    static func noMeter(for quantity: PruningTarget.Quantity) -> Self {
        Self(.invalidTarget, "A target in \(quantity.noun) needs a way to measure it, which this caller did not give.")
    }

    static func missingGradients(criterion: String) -> Self {
        Self(
            .missingGradients,
            "The criterion \(criterion) judges channels by what the model makes of samples; give it data, or use a "
                + "criterion that needs none, such as l1.")
    }

    static func notFiniteLoss(of name: String) -> Self {
        Self(
            .notFinite,
            "The loss of \(name) or its gradient holds NaN or infinity; check the model's weights and the preprocessing "
                + "of its input.")
    }

    static func notFiniteOutput(of name: String) -> Self {
        Self(
            .notFinite,
            "The output of \(name) holds NaN or infinity; check the model's weights and the preprocessing of its input."
        )
    }

    static func invalidSensitivity(fraction: Double) -> Self {
        Self(
            .invalidTarget,
            "To remove \(fraction) of a group's channels has no meaning; fractions must be more than 0 and less than 1."
        )
    }

    static var noFractions: Self {
        Self(.invalidTarget, "There is no fraction of channels to remove; give at least one.")
    }

    static func invalidTolerance(_ tolerance: Double) -> Self {
        Self(.invalidTarget, "A tolerance of \(tolerance) has no meaning; it must be from 0 to 1.")
    }

    static func noScores(_ shape: Shape) -> Self {
        Self(
            .noScores,
            "The model's first output is \(shape); to compare answers it must hold scores, [N, classes], of 2 or more.")
    }

    /// - Parameter exceptions: The weights that stay as they are, and why.
    static func nothingToPrune(_ exceptions: [String]) -> Self {
        guard exceptions.isEmpty else {
            return Self(.nothingToCompress, "No weight of the model can be pruned. \(shortened(exceptions))")
        }
        return Self(
            .nothingToCompress, "The model has no float32 weights with two axes or more, so there is nothing to prune.")
    }

    static func noPrunableGroup(_ obstacles: [String]) -> Self {
        Self(.nothingToCompress, "No channel of the model can be removed. \(shortened(obstacles))")
    }

    static func nothingToRestructure(_ refusals: [String]) -> Self {
        Self(
            .nothingToCompress, "The model has no convolution that a cheaper pair can replace. \(shortened(refusals))")
    }

    // MARK: Data

    static var noTrainingData: Self {
        Self(.noCalibrationData, "The step trains or calibrates and was given no data.")
    }

    /// - Parameter work: As in "training needs them".
    public static func missingLabels(for work: String) -> Self {
        Self(
            .missingLabels,
            "The data has no labels, and \(work) needs them; sort the files into DIR/train/CLASS and DIR/test/CLASS. "
                + "Without labels a model can be pruned, distilled from a teacher, quantized, and compared with another."
        )
    }

    // MARK: Verification

    static func notFinite(compared value: String) -> Self {
        Self(
            .notFinite,
            "The value \(value) holds NaN or infinity in one of the models; check their weights and the preprocessing of "
                + "their input.")
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

    // MARK: Distillation

    public static func noTeacher(_ name: String) -> Self {
        Self(.unknownName, "There is no teacher \(name); a variant can only learn from one that was made before it.")
    }

    public static func teacherSeesOtherwise(_ name: String) -> Self {
        Self(
            .otherPreprocessing,
            "\(name) is given samples prepared otherwise than the student's (size, colours, normalization or frames), so it can "
                + "be asked about unchanged ones alone; leave out --augment.")
    }

    private static func shortened(_ reasons: [String]) -> String {
        let shown = reasons.prefix(4).map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
        return shown.joined(separator: "; ") + (reasons.count > 4 ? "; ..." : ".")
    }
}
