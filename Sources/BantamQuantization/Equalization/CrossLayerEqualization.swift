public import BantamGraph
public import BantamModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Multiplies channels so that a layer's weights for its outputs and the next one's for its inputs become equally
/// large: no channel is lost among others that share its scale.
///
/// ```swift
/// let plan = try CrossLayerEqualization().plan(for: graph)
/// try plan.rescaling.apply(to: &graph)
/// ```
///
/// For a channel, let `r1` be the largest weight that makes it and `r2` the largest that reads it, each as a fraction
/// of the largest weight of its layer. Multiplied by `sqrt(r2 / r1)`, both become `sqrt(r1 r2)`. Layers in a row are
/// treated in turns until nothing moves any more; a sum's operands, and all that is one channel for
/// ``RescalableChannels``, get one factor, for which `r1` and `r2` are the largest of all layers concerned.
///
/// A channel whose bias is large beside its weights is almost a constant. To multiply it by what its weights would
/// need would make it the largest of all activations; so a bias counts as a weight of its own size over `biasRatio`
/// times the layer's usual ratio of the two.
///
/// To be run on a graph whose BatchNorms are folded. Needs no data.
///
/// - Reference: Nagel et al., *Data-Free Quantization Through Weight Equalization and Bias Correction*, ICCV 2019.
public struct CrossLayerEqualization: Sendable {
    /// How many times its layer's median a channel's bias over its weights may be before the bias counts.
    public var biasRatio: Float

    public init(biasRatio: Float = 4) {
        self.biasRatio = biasRatio
    }

    public struct Plan: Hashable, Sendable, Codable {
        public var rescaling: ChannelRescaling
        /// How many channels can be multiplied.
        public var channels: Int
        /// How far apart the factors are: the largest over the smallest.
        public var spread: Double
        /// How often all layers were visited.
        public var rounds: Int
    }

    private static let largestRoundCount = 100
    /// The change of a factor that counts as none, as a power of two.
    private static let tolerance = 0.01
    /// Factors beyond this power of two leave weights that float32 has no digits for.
    private static let largestExponent = 24.0

    /// Chooses the factors.
    ///
    /// - Throws: `invalidGraph`; `notFinite`, naming a weight.
    /// - Complexity: O(weights x rounds).
    public func plan(for graph: Graph) throws(CompressionError) -> Plan {
        let channels = try RescalableChannels(of: graph)
        var balances: [LayerBalance] = []
        for layer in channels.layers {
            balances.append(try LayerBalance(layer, in: graph, biasRatio: biasRatio))
        }
        var factors = [Double](repeating: 1, count: channels.count)
        var rounds = 0
        while rounds < Self.largestRoundCount {
            rounds += 1
            var (made, read) = (factors.map { _ in 0.0 }, factors.map { _ in 0.0 })
            for balance in balances { balance.collect(factors, made: &made, read: &read) }
            var largestStep = 0.0
            for channel in factors.indices where made[channel] > 0 && read[channel] > 0 {
                // Half of the way: the layers on both sides move too.
                let wanted = log2(read[channel] / made[channel]) / 4
                let old = log2(factors[channel])
                let new = min(max(old + wanted, -Self.largestExponent), Self.largestExponent)
                largestStep = max(largestStep, abs(new - old))
                factors[channel] = exp2(new)
            }
            if largestStep < Self.tolerance { break }
        }
        let (smallest, largest) = (factors.min() ?? 1, factors.max() ?? 1)
        return Plan(
            rescaling: channels.rescaling(by: factors, of: graph), channels: channels.count,
            spread: largest / smallest, rounds: rounds)
    }
}

/// The magnitudes of a layer's weights by pair of channels.
private struct LayerBalance {
    private let layer: RescalableChannels.Layer
    private let magnitudes: [Float]
    /// What stands in for a bias, by output channel.
    private let biases: [Float]

    /// The bias of a channel over its weights beyond which it is a constant, such as a filter that BatchNorm's variance of
    /// zero has left: what is usual in the layer is not to be learned from it.
    private static let largestRatio: Float = 1e4

    init(_ layer: RescalableChannels.Layer, in graph: Graph, biasRatio: Float) throws(CompressionError) {
        self.layer = layer
        let layout = layer.layout
        guard let weight = graph.constants[layout.weight] else {
            preconditionFailure("the layout names no constant")
        }
        guard weight.withFloats({ ActivationRange(around: $0) }) != nil else {
            throw .notFinite(weight: graph[layout.weight].name)
        }
        magnitudes = layout.magnitudes(in: weight)
        guard let bias = layout.bias.flatMap({ graph.constants[$0]?.elements(of: Float.self) }) else {
            biases = Array(repeating: 0, count: layout.outputCount)
            return
        }
        var largest = [Float](repeating: 0, count: layout.outputCount)
        for row in 0..<layout.rows {
            for column in 0..<layout.columns {
                let output = layout.output(row: row, column: column)
                largest[output] = max(largest[output], magnitudes[row * layout.columns + column])
            }
        }
        let all = zip(bias, largest).compactMap { $1 > 0 ? abs($0) / $1 : nil }.sorted()
        let varying = all.filter { $0 < Self.largestRatio }
        let ratios = varying.isEmpty ? all : varying
        let usual = ratios.isEmpty ? 0 : ratios[ratios.count / 2] * biasRatio
        biases = bias.map { usual > 0 ? abs($0) / usual : 0 }
    }

    /// Adds the layer's weights, at these factors, to the largest that make and that read each channel.
    func collect(_ factors: [Double], made: inout [Double], read: inout [Double]) {
        let layout = layer.layout
        let outputs = layer.outputs.map { $0 < 0 ? 1 : Float(factors[$0]) }
        let inputs = layer.inputs.map { $0 < 0 ? 1 : Float(1 / factors[$0]) }
        var byOutput = zip(biases, outputs).map { $0 * $1 }
        var byInput = [Float](repeating: 0, count: max(inputs.count, 1))
        var overall: Float = 0
        for row in 0..<layout.rows {
            for column in 0..<layout.columns {
                let output = layout.output(row: row, column: column)
                let input = layout.input(row: row, column: column)
                let magnitude =
                    magnitudes[row * layout.columns + column] * outputs[output] * (inputs.isEmpty ? 1 : inputs[input])
                byOutput[output] = max(byOutput[output], magnitude)
                byInput[input] = max(byInput[input], magnitude)
                overall = max(overall, magnitude)
            }
        }
        guard overall > 0 else { return }
        for (channel, value) in zip(layer.outputs, byOutput) where channel >= 0 {
            made[channel] = max(made[channel], Double(value / overall))
        }
        for (channel, value) in zip(layer.inputs, byInput) where channel >= 0 {
            read[channel] = max(read[channel], Double(value / overall))
        }
    }
}
