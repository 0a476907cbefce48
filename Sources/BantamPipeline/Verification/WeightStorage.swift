public import BantamGraph
public import BantamModel

/// How a model stores the weights of its layers, and whether that fits the way it computes with them.
///
/// A model can be laid out as a quantized one and be none: `QuantizeLinear` and `DequantizeLinear` around weights that
/// are float32 in the file make it larger, not smaller, and leave the rounding to each start of the model. Such layers
/// are ``faults``.
///
/// ```
/// integer         x8 -> DequantizeLinear -> Conv <- DequantizeLinear <- W8;  ConvInteger(x8, W8)
/// integerWeights  x  -> Conv <- DequantizeLinear <- W8
/// float           x  -> Conv <- W
/// a fault         x  -> Conv <- DequantizeLinear <- QuantizeLinear <- W
/// a fault         x8 -> DequantizeLinear -> Conv <- W
/// ```
public struct WeightStorage: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Stored as integers, for a layer whose input is integers too.
        case integer
        /// Stored as integers, for a layer that computes in floating point.
        case integerWeights
        /// Floating-point numbers for a layer that computes in floating point.
        case float
        /// Floating-point numbers for a layer that is laid out as quantized: a fault.
        case floatInQuantizedLayer
    }

    /// A layer that multiplies with a stored weight.
    public struct Layer: Hashable, Sendable, Codable {
        /// The node's name and operator, for people.
        public var layer: String
        /// The name of the constant that holds the weight.
        public var weight: String
        public var dtype: DType
        public var storedBytes: ByteCount
        public var kind: Kind
        /// What is wrong, a clause; `nil` where nothing is.
        public var fault: String?
    }

    /// What all constants of one type take.
    public struct TypeTotal: Hashable, Sendable, Codable {
        public var dtype: DType
        public var storedBytes: ByteCount
    }

    /// In the graph's order, one entry for each weight of a layer.
    public var layers: [Layer]
    /// All constants: weights, biases, scales and settings. The largest total first.
    public var totals: [TypeTotal]

    /// The layers that are laid out as quantized and hold floating-point weights.
    public var faults: [Layer] { layers.filter { $0.kind == .floatInQuantizedLayer } }

    public func count(_ kind: Kind) -> Int { layers.count { $0.kind == kind } }

    /// - Throws: `invalidGraph` when the graph is not a valid model.
    /// - Complexity: O(nodes + edges).
    public init(of graph: Graph) throws(CompressionError) {
        let origins = try WeightOrigins(graph)
        layers = graph.nodes.values.flatMap(origins.layers(of:))
        var bytes: [DType: ByteCount] = [:]
        for data in graph.constants.values { bytes[data.dtype, default: .zero] += data.byteCount }
        totals = bytes.map { TypeTotal(dtype: $0.key, storedBytes: $0.value) }
            .sorted { ($1.storedBytes.bytes, $0.dtype.rawValue) < ($0.storedBytes.bytes, $1.dtype.rawValue) }
    }
}

/// Where the weights of a graph's layers come from.
private struct WeightOrigins {
    private let graph: Graph
    private let types: ShapeInference
    /// Values that are computed from constants alone, and the constants themselves.
    private let stored: Set<ValueID>

    init(_ graph: Graph) throws(CompressionError) {
        self.graph = graph
        do throws(GraphError) {
            types = try ShapeInference(of: graph)
            for node in graph.nodes.values { _ = try Operators.definition(of: node) }
        } catch {
            throw .invalidGraph(error)
        }
        var stored = Set(graph.constants.keys)
        for node in graph.nodes.values where !node.filledInputs.isEmpty {
            if node.filledInputs.allSatisfy({ stored.contains($0.value) }) {
                stored.formUnion(node.outputs.compactMap(\.self))
            }
        }
        self.stored = stored
    }

    func layers(of node: Node) -> [WeightStorage.Layer] {
        guard let definition = Operators.definition(named: node.operatorName, domain: node.domain),
            node.mainOutput.map(stored.contains) == false, definition.cost(of: types.context(of: node)).macs > 0
        else { return [] }
        let inputs = node.filledInputs
        return inputs.compactMap { slot, value in
            switch definition.slot(at: slot)?.role {
            case .weight, .operand: break
            default: return nil
            }
            guard stored.contains(value), let origin = origin(of: value) else { return nil }
            let activations = inputs.map(\.value).filter { !stored.contains($0) }
            return layer(of: node, weight: value, origin, activations)
        }
    }

    private struct Origin {
        var constant: ValueID
        var data: TensorData
        /// Whether it is rounded on the way to the layer.
        var isRounded: Bool
    }

    private func layer(
        of node: Node, weight: ValueID, _ origin: Origin, _ activations: [ValueID]
    ) -> WeightStorage.Layer {
        var layer = WeightStorage.Layer(
            layer: node.label, weight: graph[origin.constant].name, dtype: origin.data.dtype,
            storedBytes: origin.data.byteCount, kind: .float)
        let type = origin.data.dtype.rawValue
        if !origin.data.dtype.isFloatingPoint {
            let takesIntegers = types[weight]?.dtype.isFloatingPoint == false
            layer.kind = takesIntegers || activations.contains(where: isRounded) ? .integer : .integerWeights
        } else if origin.isRounded {
            layer.kind = .floatInQuantizedLayer
            layer.fault = "its weight \(layer.weight) is \(type), rounded anew whenever the model is started"
        } else if let activation = activations.first(where: isRoundedHere) {
            layer.kind = .floatInQuantizedLayer
            layer.fault = "its weight \(layer.weight) is \(type), and its input \(graph[activation].name) integers"
        }
        return layer
    }

    /// The largest constant that the value is made of, and what is done to it.
    private func origin(of value: ValueID) -> Origin? {
        var (pending, visited): ([ValueID], Set<ValueID>) = ([value], [value])
        var isRounded = false
        var largest: (constant: ValueID, data: TensorData)?
        while let next = pending.popLast() {
            if let data = graph.constants[next] {
                if data.elementCount > largest?.data.elementCount ?? -1 { largest = (next, data) }
                continue
            }
            guard let producer = graph.producer(of: next) else { continue }
            if producer.operatorName == "QuantizeLinear" { isRounded = true }
            for (_, input) in producer.filledInputs where visited.insert(input).inserted { pending.append(input) }
        }
        return largest.map { Origin(constant: $0.constant, data: $0.data, isRounded: isRounded) }
    }

    /// Whether the value was integers just before, which were made for its readers.
    ///
    /// An input of the model that comes as integers was not: a layer that computes in floating point reads it so too.
    private func isRoundedHere(_ value: ValueID) -> Bool {
        guard let producer = graph.producer(of: value), producer.operatorName == "DequantizeLinear",
            let integers = producer.inputs.first ?? nil
        else { return false }
        return graph.producer(of: integers) != nil && !stored.contains(integers)
    }

    /// The same, or the values were moved since: pooled, flattened, joined.
    private func isRounded(_ value: ValueID) -> Bool {
        var (pending, visited): ([ValueID], Set<ValueID>) = ([value], [value])
        while let next = pending.popLast() {
            guard let producer = graph.producer(of: next) else { continue }
            if producer.operatorName == "DequantizeLinear", !stored.contains(next) { return true }
            let role = Operators.definition(named: producer.operatorName, domain: producer.domain)?
                .quantization(of: types.context(of: producer))
            guard role == .transparent else { continue }
            for (_, input) in producer.filledInputs where visited.insert(input).inserted { pending.append(input) }
        }
        return false
    }
}
