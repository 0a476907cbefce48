import BantamGraph
import BantamModel

// Texts of `CompressionError`.

extension CodedError<CompressionErrorCode> {
    static func nothingToRestructure(_ refusals: [String]) -> Self {
        Self(
            .nothingToCompress, "The model has no convolution that a cheaper pair can replace: \(shortened(refusals))")
    }
}
