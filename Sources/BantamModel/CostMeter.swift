public import BantamGraph

/// Measures what a graph does not tell: the file that it would become, and how fast that runs.
public protocol CostMeter {
    func fileSize(of graph: Graph) throws -> ByteCount

    /// The time of one sample.
    func latency(of graph: Graph) throws -> Duration

    /// Makes a model ready to be compared with, once for however many others.
    ///
    /// - Returns: What tells how many times as fast another model is, side by side; `nil` where that cannot be told.
    func speedup(over original: Graph) throws -> (_ other: Graph) throws -> Double?
}

extension CostMeter {
    /// In the quantity's unit.
    package func amount(of quantity: PruningTarget.Quantity, in graph: Graph) throws -> Double {
        switch quantity {
        case .macs: Double(try cost(of: graph).macs)
        case .parameters: Double(try cost(of: graph).parameters)
        case .fileSize: Double(try fileSize(of: graph).bytes)
        case .latency: try latency(of: graph) / .milliseconds(1)
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

/// Knows MACs and parameters alone, which need no measurement.
public struct StaticCost: CostMeter {
    public init() {}

    public func fileSize(of graph: Graph) throws -> ByteCount { throw CompressionError.noMeter(for: .fileSize) }

    public func latency(of graph: Graph) throws -> Duration { throw CompressionError.noMeter(for: .latency) }

    public func speedup(over original: Graph) throws -> (Graph) throws -> Double? { { _ in nil } }
}
