public import BantamGraph

// Texts of `CompressionError` that several methods share; those of one method stand with it.

extension CodedError<CompressionErrorCode> {
    package static func invalidGraph(_ cause: GraphError) -> Self {
        Self(.invalidGraph, "The model cannot be compressed because it is not valid.", cause: cause)
    }

    /// - Parameter node: One that computes on integers, or turns them into numbers.
    public static func quantizedModel(node: String) -> Self {
        Self(
            .quantizedModel,
            "The model is quantized already; train, prune or distill the float model, and quantize last.",
            location: ErrorLocation(node: node))
    }

    package static func unknown(_ kind: String, _ name: String, known: [String]) -> Self {
        Self(.unknownName, "There is no \(kind) \(name); there are \(known.joined(separator: ", ")).")
    }

    package static func notFinite(weight value: String) -> Self {
        Self(.notFinite, "The weight \(value) holds NaN or infinity; it was damaged or its training diverged.")
    }

    package static func planMismatch(_ missing: String) -> Self {
        Self(
            .planMismatch,
            "The plan names \(missing), which the graph does not have in that role; apply a plan to the graph for which "
                + "it was made.")
    }

    package static func invalidFraction(_ fraction: Double, of quantity: PruningTarget.Quantity) -> Self {
        Self(
            .invalidTarget,
            "A target of \(fraction) times the \(quantity.noun) has no meaning; it must be more than 0 and at most 1.")
    }

    package static func invalidAmount(_ amount: Double, of quantity: PruningTarget.Quantity) -> Self {
        Self(.invalidTarget, "A target of \(amount) \(quantity.noun) has no meaning; it must be more than 0.")
    }

    /// Whole numbers without a fraction, others to three digits, of which those below 1 have as many that count.
    package static func number(_ amount: Double) -> String {
        if amount == amount.rounded(), abs(amount) < 1e15 { return "\(Int(amount))" }
        var scale = 1000.0
        while abs(amount) * scale < 100, scale < 1e300 { scale *= 10 }
        return "\((amount * scale).rounded() / scale)"
    }

    package static func noMeter(for quantity: PruningTarget.Quantity) -> Self {
        Self(.invalidTarget, "A target in \(quantity.noun) needs a way to measure it, which this caller did not give.")
    }

    package static func missingGradients(criterion: String) -> Self {
        Self(
            .missingGradients,
            "The criterion \(criterion) judges channels by what the model makes of samples; give it data, or use a "
                + "criterion that needs none, such as l1.")
    }

    package static func notFiniteOutput(of name: String) -> Self {
        Self(
            .notFinite,
            "The output of \(name) holds NaN or infinity; check the model's weights and the preprocessing of its input."
        )
    }

    package static func noScores(_ shape: Shape) -> Self {
        Self(
            .noScores,
            "The model's first output is \(shape); to compare answers it must hold scores, [N, classes], of 2 or more.")
    }

    package static var noTrainingData: Self {
        Self(.noCalibrationData, "The step trains or calibrates and was given no data.")
    }

    /// - Parameter work: As in "training needs them".
    public static func missingLabels(for work: String) -> Self {
        Self(
            .missingLabels,
            "The data has no labels, and \(work) needs them; sort the files into DIR/train/CLASS and DIR/test/CLASS "
                + "(without labels a model can be pruned, distilled from a teacher, quantized, and compared with another)."
        )
    }

    package static func shortened(_ reasons: [String]) -> String {
        let shown = reasons.prefix(4).map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
        return shown.joined(separator: "; ") + (reasons.count > 4 ? "; ..." : ".")
    }

    package static func notFinite(activation value: String) -> Self {
        Self(
            .notFinite,
            "The activation \(value) holds NaN or infinity during calibration; check the input's preprocessing and the "
                + "model's weights, or keep the operators that compute it out of the model.")
    }

    package static func noCalibrationData(for value: String) -> Self {
        Self(
            .noCalibrationData,
            "No calibration data reached the activation \(value); run at least one sample through the model.")
    }

    /// - Parameter least: The bytes of the file with all weights in the narrowest forms.
    package static func unreachableFileSize(_ most: Double, least: Double) -> Self {
        Self(
            .unreachableTarget,
            "The file cannot have only \(number(most)) bytes: with all weights in their narrowest forms it still has "
                + "\(number(least)); raise the target, or prune the model first.")
    }
}
