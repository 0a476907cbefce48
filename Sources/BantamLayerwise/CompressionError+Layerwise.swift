package import BantamGraph
import BantamModel

// Texts of `CompressionError`.

extension CodedError<CompressionErrorCode> {
    package static func notFinite(compared value: String) -> Self {
        Self(
            .notFinite,
            "The value \(value) holds NaN or infinity in one of the models; check their weights and the preprocessing of "
                + "their input.")
    }
}
