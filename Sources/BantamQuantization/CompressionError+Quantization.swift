import BantamGraph
import BantamModel

// Texts of `CompressionError`.

extension CodedError<CompressionErrorCode> {
    static func emptyActivation(_ type: TensorType, of value: String) -> Self {
        Self(
            .noCalibrationData,
            "The activation \(value) is empty, \(type); calibrate with samples for which it has elements.")
    }

    static func activationDType(_ dtype: DType, of value: String) -> Self {
        Self(
            .dtypeMismatch,
            "The activation \(value) was observed as \(dtype.rawValue); calibration takes float32: run the model in that "
                + "type.")
    }

    static func nothingToQuantize(reasons: [String]) -> Self {
        Self(
            .nothingToCompress,
            "No operator of the model can be quantized, so the result would be the same float model: "
                + shortened(reasons))
    }

    /// - Parameter reason: A clause.
    static func noPixelInput(_ reason: String) -> Self {
        Self(
            .nothingToCompress,
            "The model cannot take bytes as its input: \(reason), and the normalization can only move into convolutions; "
                + "leave the input as float32.")
    }

    static func invalidGroupSize(_ size: Int) -> Self {
        Self(
            .invalidTarget,
            "Groups of \(size) weights have no use: each takes a scale of 4 bytes, so there must be at least "
                + "\(WeightOnlyConfiguration.smallestGroup) weights in a group.")
    }

    static func unmetBudget(_ quantity: PruningTarget.Quantity, _ most: Double, least: Double) -> Self {
        Self(
            .unreachableTarget,
            "With all operators in INT8 that can be, the model has \(number(least)) \(quantity.noun), and \(number(most)) "
                + "are allowed; prune it first, or raise the limit.")
    }

    static func unmetDrop(_ maximum: Double, least: Double) -> Self {
        Self(
            .unreachableTarget,
            "The model lost \(number(least)) points of accuracy, and \(number(maximum)) are allowed; raise the limits, "
                + "measure ranges on more samples or with another calibrator, or train with --aware.")
    }

    static func nothingWithinLimits(_ count: Int) -> Self {
        Self(
            .unreachableTarget,
            "None of the \(count) operators that can compute in INT8 can do so within the limits; raise them, or store "
                + "the weights alone as integers.")
    }

}
