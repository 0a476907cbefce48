public import BantamGraph
package import BantamModel
public import BantamTraining

/// Measures models as the files that they would become.
///
/// The methods here know graphs only; who calls them knows a runtime.
public struct ModelMeter {
    private let fileSize: ((Graph) throws -> ByteCount)?
    private let latency: ((Graph) throws -> Duration)?
    package let speedup: SpeedupMeter?
    package let answers: AnswerMeter?
    package let activations: ActivationMeter?

    /// Takes a model, and returns what tells how many times faster others are than it; `nil` where that cannot be told.
    ///
    /// In two steps, so that the model is made ready to run once, however many are compared with it.
    public typealias SpeedupMeter = (_ original: Graph) throws -> (_ pruned: Graph) throws -> Double?

    /// The class that a model gives first to each sample; `nil` where it gives none.
    public typealias AnswerMeter = (_ graph: Graph, _ samples: TrainingData) throws -> [Int?]

    /// Something to see of a value that a model computes.
    public struct Observation: Hashable, Sendable {
        public var value: ValueID
        public var extent: Extent

        public init(_ value: ValueID, _ extent: Extent) {
            self.value = value
            self.extent = extent
        }
    }

    /// What of an activation is shown.
    public enum Extent: Hashable, Sendable {
        /// All of its elements.
        case elements
        /// The smallest and the largest, in a tensor of two; the first is NaN where one is.
        case bounds
        /// The mean of each channel: over all axes but axis 1, in a tensor of `[C]`.
        case channelMeans

        /// What is shown of an activation that is there as a whole.
        ///
        /// - Precondition: float32.
        public func shown(of data: TensorData) -> TensorData {
            switch self {
            case .elements: data
            case .bounds: data.elementCount == 0 ? data : data.withFloats { ActivationRange.bounds(of: $0) }
            case .channelMeans: data.channelMeans
            }
        }
    }

    /// Runs samples through a graph, and shows of each batch what is to be seen, by its place among the observations.
    /// What is shown must not be kept.
    public typealias ActivationMeter = (
        _ graph: Graph, _ observations: [Observation], _ samples: TrainingData,
        _ show: (_ observation: Int, _ data: TensorData, _ samples: Int) throws -> Void
    ) throws -> Void

    /// - Parameters:
    ///   - fileSize: The size of the model's file; needed for that target.
    ///   - latency: The time of one sample; needed for that target.
    ///   - speedup: How many times faster pruned models are than the original, side by side; needed for
    ///     `ChannelRounding`.
    ///   - answers: What a model answers; needed for a largest drop of accuracy.
    ///   - activations: Runs samples for calibration; libtorch does where there is none.
    public init(
        fileSize: ((Graph) throws -> ByteCount)? = nil, latency: ((Graph) throws -> Duration)? = nil,
        speedup: SpeedupMeter? = nil, answers: AnswerMeter? = nil, activations: ActivationMeter? = nil
    ) {
        self.fileSize = fileSize
        self.latency = latency
        self.speedup = speedup
        self.answers = answers
        self.activations = activations
    }

    /// In the quantity's unit.
    package func amount(of quantity: PruningTarget.Quantity, in graph: Graph) throws -> Double {
        switch quantity {
        case .macs: return Double(try cost(of: graph).macs)
        case .parameters: return Double(try cost(of: graph).parameters)
        case .fileSize:
            guard let fileSize else { throw CompressionError.noMeter(for: quantity) }
            return Double(try fileSize(graph).bytes)
        case .latency:
            guard let latency else { throw CompressionError.noMeter(for: quantity) }
            return try latency(graph) / .milliseconds(1)
        }
    }

    private func cost(of graph: Graph) throws(CompressionError) -> CostSummary {
        do {
            return try CostAnalysis(of: graph).total
        } catch {
            throw .invalidGraph(error)
        }
    }
}
