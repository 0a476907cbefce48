public import BantamGraph

/// A family of networks that Bantam can build by name.
///
/// To add one, write a file beside this one with its configurations and a function that writes the layers, and add a
/// line to ``Architectures``. Parameter names follow the original project, so that published weights load by name; the
/// published counts are tested.
public protocol Architecture: Sendable {
    /// The members of the family, such as the widths of a ShuffleNetV2.
    static var variants: [ArchitectureVariant] { get }
}

/// One network: what it takes, what is known of it, and how it is built.
public struct ArchitectureVariant: Sendable {
    /// Writes the layers: from the input `[N, C, ...]` to logits `[N, classes]`.
    public typealias Layers = @Sendable (inout LayerBuilder, _ input: ValueID, ArchitectureSettings) -> ValueID

    /// As given to `bantam create`: `"simple_cnn"`.
    public var name: String
    /// One line for `bantam create --list`.
    public var summary: String
    /// What the published figures are for: the number of classes, and the input's size.
    public var published: ArchitectureSettings
    /// Trainable parameters, with the published number of classes; `nil` where nothing was published.
    public var publishedParameters: Int?
    /// The smallest input the network can still take, for trials and tests; by default the published one.
    public var smallestInputShape: Shape
    /// How the published weights expect images; `nil` where there are none.
    public var inputConvention: InputConvention?
    public var layers: Layers

    /// - Parameters:
    ///   - classCount: The number of classes the published counts are for.
    ///   - inputShape: The input's size without the batch: `[C, H, W]` or `[C, T, H, W]`.
    public init(
        name: String, summary: String, classCount: Int, inputShape: Shape, publishedParameters: Int? = nil,
        smallestInputShape: Shape? = nil, inputConvention: InputConvention? = nil, layers: @escaping Layers
    ) {
        self.name = name
        self.summary = summary
        self.published = ArchitectureSettings(classCount: classCount, inputShape: inputShape)
        self.publishedParameters = publishedParameters
        self.smallestInputShape = smallestInputShape ?? inputShape
        self.inputConvention = inputConvention
        self.layers = layers
    }

    /// Builds the network.
    ///
    /// - Parameters:
    ///   - classCount: The number of outputs; by default as published.
    ///   - inputShape: The input's size without the batch; by default as published.
    ///   - weights: How weights are filled: at random, or with zeros when others will take their place.
    /// - Returns: A graph with the input `input`, `[N, C, ...]`, `N` free, and the output `logits`.
    public func graph(
        classCount: Int? = nil, inputShape: Shape? = nil, weights: InitialWeights = .random(seed: 0)
    ) -> Graph {
        let settings = ArchitectureSettings(
            classCount: classCount ?? published.classCount, inputShape: inputShape ?? published.inputShape)
        var builder = LayerBuilder(name: name, weights: weights)
        let dimensions = ["N"] + settings.inputShape.dimensions.map(InputDimension.fixed)
        let input = builder.graph.input("input", .float32, dimensions)
        let logits = layers(&builder, input, settings)
        builder.graph.output(logits, name: "logits")
        return builder.graph.graph
    }
}

/// What may differ between two networks of one architecture.
public struct ArchitectureSettings: Hashable, Sendable {
    /// The number of outputs.
    public var classCount: Int
    /// The input's size without the batch: `[C, H, W]` or `[C, T, H, W]`.
    public var inputShape: Shape

    public init(classCount: Int, inputShape: Shape) {
        self.classCount = classCount
        self.inputShape = inputShape
    }
}

/// How a new network's weights are filled.
public enum InitialWeights: Hashable, Sendable {
    /// With random numbers that the seed decides.
    case random(seed: UInt64)
    /// With zeros, at no cost: others will take their place.
    case zeros
}
