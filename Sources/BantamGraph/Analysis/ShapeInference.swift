/// The types of all values of a graph at chosen input sizes, and the values that are known before it runs.
///
/// ```swift
/// let types = try ShapeInference(of: graph, sizes: ["N": 8])
/// types[graph.outputs[0]]  // float32[8, 10]
/// ```
///
/// Free dimensions are bound to numbers, so operators never see symbols. Arithmetic on shapes (a `Shape` node and
/// what exporters build on it) is evaluated on the way, so that a `Reshape` whose target is computed from its
/// input's shape is understood.
public struct ShapeInference: Sendable {
    public private(set) var types: [ValueID: TensorType] = [:]
    /// Results that do not depend on the input's contents, beyond the graph's own constants.
    public private(set) var known: [ValueID: TensorData] = [:]
    /// All outputs of the nodes that leave some out.
    private var omittingOutputs: [NodeID: [TensorType]] = [:]
    private let graph: Graph

    /// Larger results are not evaluated: they are data, not shapes.
    private static let evaluationLimit = 4096

    /// - Parameters:
    ///   - sizes: The sizes of free dimensions, by name. Those not named are 1; where the graph does not accept that,
    ///     as an image of 1 x 1 may be too small for it, those that are no batch are the first of ``usualSizes`` that
    ///     it does accept.
    /// - Throws: the first violation of an operator's rules at a size of 1, naming the node.
    /// - Complexity: O(nodes).
    public init(
        of graph: Graph, sizes: [String: Int] = [:], mode: NodeContext.Mode = .inference
    ) throws(GraphError) {
        let violation: GraphError
        do throws(GraphError) {
            try self.init(of: graph, inputShapes: graph.inputs.map { $0.shape(sizes: sizes) }, mode: mode)
            return
        } catch {
            violation = error
        }
        let open = Set(graph.inputs.flatMap { $0.dimensions.dropFirst().compactMap(\.name) })
            .subtracting(graph.batchNames).subtracting(sizes.keys)
        for size in Self.usualSizes where !open.isEmpty {
            let widened = sizes.merging(open.map { ($0, size) }) { given, _ in given }
            do throws(GraphError) {
                try self.init(of: graph, inputShapes: graph.inputs.map { $0.shape(sizes: widened) }, mode: mode)
                return
            } catch {
                continue
            }
        }
        throw violation
    }

    /// Heights, widths and lengths that models are made for, from the smallest.
    public static let usualSizes = [32, 48, 64, 96, 128, 224, 256, 320, 512, 640]

    /// - Parameter inputShapes: One shape for each input of the graph, in order.
    public init(
        of graph: Graph, inputShapes: [Shape], mode: NodeContext.Mode = .inference
    ) throws(GraphError) {
        self.graph = graph
        for (input, shape) in zip(graph.inputs, inputShapes) {
            try setType(TensorType(input.dtype, shape), of: input.value)
        }
        for (value, data) in graph.constants { types[value] = data.type }
        for node in graph.nodes.values { try infer(node, mode: mode) }
    }

    public subscript(value: ValueID) -> TensorType? { types[value] }

    /// The context in which an operator's definition sees the node.
    public func context(of node: Node, mode: NodeContext.Mode = .inference) -> NodeContext {
        NodeContext(
            node: node, inputTypes: node.inputs.map { $0.flatMap { types[$0] } },
            constants: node.inputs.map { $0.flatMap { graph.constants[$0] ?? known[$0] } },
            outputTypes: omittingOutputs[node.id] ?? node.outputs.compactMap { $0.flatMap { types[$0] } }, mode: mode)
    }

    private mutating func infer(_ node: Node, mode: NodeContext.Mode) throws(GraphError) {
        let definition = try Operators.definition(of: node)
        guard !node.outputs.isEmpty else { throw .noOutput(of: node) }
        try checkInputs(of: node, against: definition.inputs)
        let context = context(of: node, mode: mode)
        let shapes = try definition.shapes(of: context)
        let dtypes = try definition.dtypes(of: context)
        guard shapes.count >= node.outputs.count, dtypes.count >= node.outputs.count else {
            throw .outputCount(shapes.count, of: node)
        }
        if node.outputs.contains(nil) {
            omittingOutputs[node.id] = node.outputs.indices.map { TensorType(dtypes[$0], shapes[$0]) }
        }
        for (index, output) in node.outputs.enumerated() {
            if let output { try setType(TensorType(dtypes[index], shapes[index]), of: output) }
        }
        // Shapes count as known even where the input's contents are not.
        guard shapes.allSatisfy({ $0.elementCount <= Self.evaluationLimit }),
            let results = try definition.evaluate(context)
        else { return }
        for (output, result) in zip(node.outputs, results) {
            if let output { known[output] = result }
        }
    }

    private mutating func setType(_ type: TensorType, of value: ValueID) throws(GraphError) {
        guard let count = type.shape.checkedElementCount, count <= TensorType.elementLimit else {
            throw .tensorTooLarge(type, of: graph[value])
        }
        types[value] = type
    }

    private func checkInputs(of node: Node, against slots: [InputSlot]) throws(GraphError) {
        if slots.last?.isVariadic != true, node.inputs.count > slots.count {
            throw .tooManyInputs(node.inputs.count, allowed: slots.count, of: node)
        }
        for (index, slot) in slots.enumerated() where !slot.isOptional {
            guard index < node.inputs.count, node.inputs[index] != nil else { throw .missingInput(slot, of: node) }
        }
        for input in node.inputs.compactMap(\.self) where types[input] == nil {
            throw .unknownType(of: graph[input], readBy: node)
        }
    }
}
