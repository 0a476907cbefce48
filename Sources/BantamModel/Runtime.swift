public import BantamGraph

/// Something that runs models.
///
/// Methods know models and this protocol; which library it is, is for the caller to say.
public protocol Runtime {
    /// Makes a model ready to run.
    ///
    /// - Parameters:
    ///   - graph: Computes what ONNX says that it computes, whatever the library would make of its file.
    ///   - precision: Of floating-point layers, where the machine has it; else float32.
    /// - Throws: Where the library does not take the model.
    func load(_ graph: Graph, precision: ArithmeticPrecision) throws -> any Executable

    /// Runs batches through a model of one input, and shows what is to be seen of its values.
    ///
    /// - Parameters:
    ///   - next: The next batch; `nil` ends the run. Loaded numbers are rounded where the model takes bytes.
    ///   - show: Given an observation by its place, what is seen of it, which must not be kept, and of how many samples.
    func observe(
        _ observations: [Observation], in graph: Graph, next: () throws -> TensorData?,
        show: (_ observation: Int, _ data: TensorData, _ samples: Int) throws -> Void
    ) throws

    /// As many samples in a batch as suit ``observe(_:in:next:show:)``.
    func batchSize(for graph: Graph, observing observations: [Observation]) -> Int
}

/// A model that a ``Runtime`` has made ready. It belongs to one task at a time.
public protocol Executable {
    /// Runs the model once.
    ///
    /// - Parameter inputs: One tensor for each input of the model, in order.
    /// - Returns: One for each output, in order.
    func run(_ inputs: [TensorData]) throws -> [TensorData]
}

/// The numbers that floating-point layers compute with.
public enum ArithmeticPrecision: String, Codable, Hashable, Sendable, CaseIterable {
    case float32
    /// Convolutions and matrix products round what they are given to bfloat16.
    case bfloat16
}

/// Something to see of a value that a model computes.
public struct Observation: Hashable, Sendable {
    public var value: ValueID
    public var extent: Extent

    public init(_ value: ValueID, _ extent: Extent) {
        self.value = value
        self.extent = extent
    }

    /// What of a value is shown.
    public enum Extent: Hashable, Sendable {
        /// All of its elements.
        case elements
        /// The smallest and the largest, in a tensor of two; the first is NaN where one is.
        case bounds
        /// The mean of each channel: over all axes but axis 1, in a tensor of `[C]`.
        case channelMeans

        /// What is shown of a value that is there as a whole; one that is not of float32 as it is.
        public func shown(of data: TensorData) -> TensorData {
            guard data.dtype == .float32 else { return data }
            return switch self {
            case .elements: data
            case .bounds: data.elementCount == 0 ? data : data.withFloats { ActivationRange.bounds(of: $0) }
            case .channelMeans: data.channelMeans
            }
        }
    }
}
