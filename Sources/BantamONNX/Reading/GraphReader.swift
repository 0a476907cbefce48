import BantamGraph
import OrderedCollections
import SwiftProtobuf

/// Reads one `GraphProto`: the model's, or the body of a control-flow node.
///
/// Values are made in a fixed order (inputs, initializers, `Constant` nodes, outputs of nodes), so that reading what
/// was written gives the same ids as reading it before did.
struct GraphReader {
    private let proto: Onnx_GraphProto
    let context: ReadingContext
    /// The values of the graphs around this one, innermost last; its nodes may read them by name.
    let scopes: [[String: ValueID]]
    private(set) var graph: Graph
    private var ids: [String: ValueID] = [:]
    /// Outputs of nodes that were not met yet.
    private(set) var unreached: Set<ValueID> = []
    private(set) var isSorted = true
    /// How many conditions were found out by ``ShapeInference``.
    var inferredConditions = 0

    init(_ proto: Onnx_GraphProto, context: ReadingContext, scopes: [[String: ValueID]] = []) {
        self.proto = proto
        self.context = context
        self.scopes = scopes
        self.graph = Graph(name: proto.name.isEmpty ? "graph" : proto.name)
    }

    /// - Parameter rawData: Where the bytes of the initializers stand in the file, as far as they are left there.
    mutating func read(rawData: [Range<Int>?] = []) throws(ONNXError) -> Graph {
        guard scopes.count < context.limits.nestingDepth else {
            throw .nestingTooDeep(limit: context.limits.nestingDepth)
        }
        guard proto.sparseInitializer.isEmpty else {
            throw .sparseTensor(proto.sparseInitializer[0].values.name)
        }
        let nodes = try ControlFlowFlattener.flattened(proto, context: context)
        try context.count(nodes.count)

        try readInputs()
        try declareContents(of: proto, nodes: nodes, rawData: rawData)
        try add(nodes)
        for output in proto.output {
            guard let id = ids[output.name] else { throw .undefinedOutput(output.name) }
            graph.addOutput(id)
        }
        if !isSorted {
            do throws(GraphError) { try graph.sortNodes() } catch { throw ONNXError(error) }
        }
        return graph
    }

    /// Makes known what a graph holds and what its nodes compute.
    mutating func declareContents(
        of proto: Onnx_GraphProto, nodes: [Onnx_NodeProto], rawData: [Range<Int>?]
    ) throws(ONNXError) {
        try readInitializers(of: proto, rawData)
        try readConstants(nodes)
        try declareOutputs(of: nodes)
    }

    // MARK: Values

    /// Makes a name known.
    private mutating func declare(_ name: String, as kind: String, _ make: (inout Graph) -> ValueID) throws(ONNXError) {
        guard !name.isEmpty else { throw .missingName(kind) }
        guard ids[name] == nil else { throw .duplicateValue(name, kind: kind) }
        ids[name] = make(&graph)
    }

    /// An input that also is an initializer only has a default, which Bantam takes for its value.
    private mutating func readInputs() throws(ONNXError) {
        let initializers = Set(proto.initializer.map(\.name))
        var dimensions = InputDimensions(of: proto.input)
        for input in proto.input where !initializers.contains(input.name) {
            guard input.type.hasTensorType else { throw .noTensor(input: input.name) }
            let type = input.type.tensorType
            guard let dtype = DType(onnxCode: Int(type.elemType)) else {
                throw .unsupportedType(code: Int(type.elemType), of: "input \(input.name)")
            }
            let axes = try dimensions.axes(of: input, limits: context.limits)
            try declare(input.name, as: "input") { $0.addInput(input.name, dtype, axes) }
        }
    }

    private mutating func readInitializers(
        of proto: Onnx_GraphProto, _ rawData: [Range<Int>?]
    ) throws(ONNXError) {
        let reader = TensorReader(context: context)
        for (index, tensor) in proto.initializer.enumerated() {
            let range = index < rawData.count ? rawData[index] : nil
            let data = try reader.read(tensor, named: "initializer \(tensor.name)", rawDataInFile: range)
            try declare(tensor.name, as: "initializer") { $0.addConstant(tensor.name, data) }
        }
    }

    private mutating func readConstants(_ nodes: [Onnx_NodeProto]) throws(ONNXError) {
        for (index, node) in nodes.enumerated() where Self.isConstant(node) {
            let label = Self.label(of: node, at: index)
            guard node.output.count == 1, node.attribute.count == 1 else { throw .invalidConstant(node: label) }
            let value = try attributeReader(label).read(node.attribute[0])
            guard let data = value.constantData else {
                throw .unsupportedAttribute(node.attribute[0].name, "a constant of this kind", node: label)
            }
            try declare(node.output[0], as: "output") { $0.addConstant(node.output[0], data) }
        }
    }

    private static func isConstant(_ node: Onnx_NodeProto) -> Bool {
        node.opType == "Constant" && OperatorDomain.canonical(node.domain).isEmpty
    }

    /// Makes the outputs of all nodes known before the first node is read, which may read the last one's.
    private mutating func declareOutputs(of nodes: [Onnx_NodeProto]) throws(ONNXError) {
        for node in nodes where !Self.isConstant(node) {
            for name in node.output where !name.isEmpty {
                try declare(name, as: "output") { $0.makeValue(name) }
                if let id = ids[name] { unreached.insert(id) }
            }
        }
    }

    // MARK: Nodes

    mutating func add(_ nodes: [Onnx_NodeProto]) throws(ONNXError) {
        for (index, node) in nodes.enumerated() where !Self.isConstant(node) {
            if let branch = try knownBranch(of: node) {
                try place(branch, for: node)
            } else {
                try add(node, at: index)
            }
        }
    }

    mutating func add(_ node: Onnx_NodeProto, at index: Int) throws(ONNXError) {
        let label = Self.label(of: node, at: index)
        guard !node.opType.isEmpty else { throw .missingOperator(node: label) }
        var attributes: OrderedDictionary<String, Attribute> = [:]
        for attribute in node.attribute {
            guard attributes[attribute.name] == nil else { throw .duplicateAttribute(attribute.name, node: label) }
            attributes[attribute.name] = try attributeReader(label).read(attribute)
        }
        var inputs: [ValueID?] = []
        for name in node.input { inputs.append(name.isEmpty ? nil : try resolve(name, node: label)) }
        // Omitted inputs at the end say nothing.
        while let last = inputs.last, last == nil { inputs.removeLast() }
        let outputs = node.output.map { ids[$0] }
        graph.addNode(
            node.opType, name: node.name.isEmpty ? "\(node.opType)_\(index)" : node.name,
            domain: OperatorDomain.canonical(node.domain), inputs: inputs, outputs: outputs, attributes: attributes)
        isSorted = isSorted && !inputs.contains { $0.map { unreached.contains($0) } ?? false }
        unreached.subtract(outputs.compactMap(\.self))
    }

    func value(named name: String) -> ValueID? { ids[name] }

    private mutating func resolve(_ name: String, node label: String) throws(ONNXError) -> ValueID {
        if let id = ids[name] { return id }
        guard scopes.contains(where: { $0[name] != nil }) else { throw .undefinedValue(name, node: label) }
        // A value of a graph around this one: it has no source here.
        let id = graph.makeValue(name)
        ids[name] = id
        return id
    }

    private func attributeReader(_ label: String) -> AttributeReader {
        AttributeReader(node: label, context: context, scopes: scopes + [ids])
    }

    private static func label(of node: Onnx_NodeProto, at index: Int) -> String {
        "\(node.name.isEmpty ? "#\(index)" : node.name) (\(node.opType))"
    }
}
