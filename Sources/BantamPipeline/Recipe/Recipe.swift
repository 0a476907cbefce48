public import BantamPruning
public import BantamQuantization
public import BantamTraining

/// A plan for making several models: which architectures to train, and what to do to them in which order.
///
/// A recipe is data. It can be stored as JSON, edited and run again; ``fourMethods(seed:)`` is the one that
/// `bantam slim` runs by default.
public struct Recipe: Codable, Hashable, Sendable {
    /// The variant that the report compares the others with.
    public var baseline: String
    /// In the order in which they are made; a variant may start from any before it.
    public var variants: [Variant]

    public init(baseline: String, variants: [Variant]) {
        self.baseline = baseline
        self.variants = variants
    }

    /// One model of a recipe.
    public struct Variant: Codable, Hashable, Sendable {
        /// Also the name of its file.
        public var name: String
        /// How it is made, in words.
        public var method: String
        public var source: Source
        public var steps: [Step]

        public init(name: String, method: String, source: Source, steps: [Step]) {
            self.name = name
            self.method = method
            self.source = source
            self.steps = steps
        }
    }

    /// What a variant starts from.
    public enum Source: Codable, Hashable, Sendable {
        /// A built-in architecture with random weights.
        case architecture(String)
        /// A variant made before, with its weights.
        case variant(String)
        /// The model that the user gave.
        case input

        // The names that people read and write in JSON.
        enum ArchitectureCodingKeys: String, CodingKey { case _0 = "name" }
        enum VariantCodingKeys: String, CodingKey { case _0 = "name" }
    }

    /// One change of a model. Steps compose, since each takes a graph and leaves one.
    public enum Step: Codable, Hashable, Sendable {
        /// Trains on labels. Weights that are zero stay zero when `keepsZeros` is set.
        case train(TrainingConfiguration, keepsZeros: Bool = false)
        /// Trains on the answers of another variant and on labels. Weights that are zero stay zero when `keepsZeros` is
        /// set.
        case distill(TrainingConfiguration, DistillationConfiguration, teacher: String, keepsZeros: Bool = false)
        /// Replaces dense convolutions by depthwise-separable ones.
        case separateConvolutions
        /// Removes channels or sets single weights to zero, in one round or several; may train behind each with the unpruned
        /// model as teacher.
        case prune(GradualPruning)
        /// INT8 with ranges measured on training samples.
        case quantizeStatic(StaticQuantizationConfiguration)
        /// INT8 with ranges found at run time.
        case quantizeDynamic
        /// INT8 for which the model is trained, with itself as teacher. Weights that are zero stay zero.
        case quantizeAware(QuantizationAwareTraining)
        /// Weights in fewer bits, and computing in float32.
        case quantizeWeights(WeightOnlyConfiguration)

        // The names that people read and write in JSON.
        enum TrainCodingKeys: String, CodingKey { case _0 = "training", keepsZeros }
        enum DistillCodingKeys: String, CodingKey { case _0 = "training", _1 = "distillation", teacher, keepsZeros }
        enum PruneCodingKeys: String, CodingKey { case _0 = "pruning" }
        enum QuantizeStaticCodingKeys: String, CodingKey { case _0 = "quantization" }
        enum QuantizeAwareCodingKeys: String, CodingKey { case _0 = "quantization" }
        enum QuantizeWeightsCodingKeys: String, CodingKey { case _0 = "quantization" }
    }
}
