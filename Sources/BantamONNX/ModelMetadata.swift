/// The keys under which Bantam keeps its own texts in a model's metadata (``/BantamGraph/Graph/metadata``, ONNX's
/// `metadata_props`), so that `evaluate` and `bench` need no options to know what a model expects and says.
///
/// This module carries the texts; those who make them say what is in them.
public enum ModelMetadata {
    /// How an image or a clip becomes the model's input (resize, crop, mean, deviation, colour order, clip sampling),
    /// as JSON written by `BantamMedia`.
    public static let preprocessing = "bantam.preprocessing"

    /// The names of the classes, in the order of the model's scores, as a JSON array of strings.
    public static let classes = "bantam.classes"

    /// How the model came about: the record of the run that made it, as JSON.
    public static let record = "bantam.record"
}
