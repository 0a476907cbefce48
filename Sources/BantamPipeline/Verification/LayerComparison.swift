public import BantamGraph
import BantamModel
import BantamNetwork
import BantamQuantization
public import BantamTensor

/// How far the values inside a compressed model are from those of the model it was made from.
///
/// Both run on libtorch, in float32 with quantization simulated. Values go together by name: what Bantam's methods
/// leave in place keeps its name. Before that both are put into one form, with BatchNorm folded, since a name stands
/// for another number then.
///
/// ```swift
/// var comparison = try LayerComparison(reference: original, compressed: quantized)
/// for batch in batches { try comparison.observe([batch], compressedInputs: [batch]) }
/// comparison.layers.first  // the layer with the most noise
/// ```
///
/// Memory does not grow with the number of samples: each value has two sums.
public struct LayerComparison {
    /// What one layer makes, beside what it should.
    public struct Layer: Hashable, Sendable, Codable {
        /// The name of the value, in both models.
        public var value: String
        /// The name and operator of the node that makes it in the original.
        public var layer: String
        /// See ``/BantamModel/SignalToNoise``; `nil` where both are the same.
        public var decibels: Double?
    }

    private struct Pair {
        var value: String
        var layer: String
        var reference: ValueID
        var compressed: ValueID
        var noise = SignalToNoise()
    }

    private let reference: Network
    private let compressed: Network
    private var pairs: [Pair]
    /// How many samples both models have run on.
    public private(set) var samples = 0

    /// - Throws: `invalidGraph`, or what binding a network throws.
    public init(reference: Graph, compressed: Graph) throws {
        let (reference, compressed) = (try Self.comparable(reference), try Self.comparable(compressed))
        pairs = try Self.pairs(reference, compressed)
        self.reference = try Network(reference)
        self.compressed = try Network(compressed)
    }

    /// The values that both models have.
    public var values: [String] { pairs.map(\.value) }

    /// Runs both models on a batch.
    ///
    /// - Parameters:
    ///   - referenceInputs: As the original takes them.
    ///   - compressedInputs: The same samples as the compressed model takes them.
    /// - Throws: `notFinite`, naming a value that holds NaN or infinity; what a forward pass throws.
    public mutating func observe(_ referenceInputs: [Tensor], compressedInputs: [Tensor]) throws {
        try withoutGradients {
            let expected = try reference.forward(referenceInputs, taps: pairs.map(\.reference)).taps
            let found = try compressed.forward(compressedInputs, taps: pairs.map(\.compressed)).taps
            for index in pairs.indices {
                guard let expected = expected[pairs[index].reference], let found = found[pairs[index].compressed],
                    expected.shape == found.shape
                else { continue }
                try pairs[index].noise.observe(found, reference: expected, of: pairs[index].value)
            }
            samples += referenceInputs.first?.shape.dimensions.first ?? 0
        }
    }

    /// The layers, the one with the most noise first.
    public var layers: [Layer] {
        pairs.sorted { ($0.noise.decibels ?? .infinity) < ($1.noise.decibels ?? .infinity) }
            .map { Layer(value: $0.value, layer: $0.layer, decibels: $0.noise.decibels) }
    }

    // MARK: Which values to compare

    private static func comparable(_ graph: Graph) throws(CompressionError) -> Graph {
        var graph = graph
        do throws(GraphError) {
            try StaticQuantization.preparation.run(on: &graph)
        } catch {
            throw .invalidGraph(error)
        }
        return graph
    }

    /// The results of arithmetic in the original that the other has by name, in the original's order.
    private static func pairs(_ reference: Graph, _ compressed: Graph) throws(CompressionError) -> [Pair] {
        do throws(GraphError) {
            let types = try ShapeInference(of: reference)
            let otherTypes = try ShapeInference(of: compressed)
            var pairs: [Pair] = []
            for node in reference.nodes.values {
                let cost = try Operators.definition(of: node).cost(of: types.context(of: node))
                // What only moves numbers has no error of its own.
                guard cost.macs + cost.elementwise > 0 else { continue }
                for output in node.outputs.compactMap(\.self) where types.known[output] == nil {
                    let name = reference[output].name
                    guard let other = compressed.value(named: name), compressed.producer(of: other) != nil,
                        otherTypes.known[other] == nil, types[output]?.dtype == .float32,
                        types[output] == otherTypes[other]
                    else { continue }
                    pairs.append(Pair(value: name, layer: node.label, reference: output, compressed: other))
                }
            }
            return pairs
        } catch {
            throw .invalidGraph(error)
        }
    }
}
