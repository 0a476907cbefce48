public import BantamGraph

/// A family of networks that Bantam can build by name.
///
/// To add one, write a file beside this one with a configuration and a `build` function, and add a line to
/// ``Architectures``. Parameter names follow the original project, so that published weights load by name; the
/// published counts are tested.
public protocol Architecture: Sendable {
    /// The members of the family, such as the widths of a ShuffleNetV2.
    static var variants: [ArchitectureVariant] { get }
}

/// One network: what it takes, what is known of it, and how it is built.
public struct ArchitectureVariant: Sendable {
    /// As given to `bantam create`: `"simple_cnn"`.
    public var name: String
    /// One line for `bantam create --list`.
    public var summary: String
    /// The number of classes the published counts are for.
    public var classCount: Int
    /// The input's size without the batch: `[C, H, W]` or `[C, T, H, W]`.
    public var inputShape: Shape
    /// Trainable parameters, with ``classCount`` classes; `nil` where nothing was published.
    public var publishedParameters: Int?
    /// Writes the layers: from the input `[N, C, ...]` to logits `[N, classes]`.
    public var layers: @Sendable (inout LayerBuilder, _ input: ValueID, _ classCount: Int) -> ValueID

    public init(
        name: String, summary: String, classCount: Int, inputShape: Shape, publishedParameters: Int? = nil,
        layers: @escaping @Sendable (inout LayerBuilder, _ input: ValueID, _ classCount: Int) -> ValueID
    ) {
        self.name = name
        self.summary = summary
        self.classCount = classCount
        self.inputShape = inputShape
        self.publishedParameters = publishedParameters
        self.layers = layers
    }

    /// Builds the network with random weights.
    ///
    /// - Parameters:
    ///   - classCount: The number of outputs; by default ``classCount``.
    ///   - seed: Decides the weights.
    /// - Returns: A graph with the input `input`, `[N, C, ...]`, `N` free, and the output `logits`.
    public func graph(classCount: Int? = nil, seed: UInt64 = 0) -> Graph {
        var builder = LayerBuilder(name: name, seed: seed)
        let dimensions = ["N"] + inputShape.dimensions.map(InputDimension.fixed)
        let input = builder.graph.input("input", .float32, dimensions)
        let logits = layers(&builder, input, classCount ?? self.classCount)
        builder.graph.output(logits, name: "logits")
        return builder.graph.graph
    }
}
