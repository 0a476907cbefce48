import BantamGraph
import SwiftProtobuf

/// Writes loops out whose number of turns is known, and replaces sequences of tensors by the tensors themselves.
///
/// An exporter that traces a model writes a `for` over the parts of a tensor as a `Loop` that appends to a sequence,
/// although both are of fixed length: the cls token that MViT takes apart from the others is such a case. Written out,
/// they are tensors and operators on tensors, which is all that the rest of Bantam knows.
struct ControlFlowFlattener {
    private let context: ReadingContext
    /// Numbers and truth values known by name, as integers.
    private var scalars: [String: Int] = [:]
    /// The names of the tensors in each sequence.
    private var sequences: [String: [String]] = [:]
    /// Entries of all of them.
    private var listed = 0
    private var result: [Onnx_NodeProto] = []

    private init(context: ReadingContext) {
        self.context = context
    }

    /// The nodes without loops and sequences, or as they are where one of those depends on the model's input.
    ///
    /// - Throws: `tooManyNodes`; what reading a constant throws.
    static func flattened(_ graph: Onnx_GraphProto, context: ReadingContext) throws(ONNXError) -> [Onnx_NodeProto] {
        let nodes = try context.functions.inlined(graph.node)
        guard nodes.contains(where: { $0.opType == "Loop" || $0.opType.hasPrefix("Sequence") }) else { return nodes }
        var flattener = ControlFlowFlattener(context: context)
        for node in nodes {
            guard try flattener.add(node) else { return nodes }
        }
        guard !graph.output.contains(where: { flattener.sequences[$0.name] != nil }) else { return nodes }
        context.writtenOut += nodes.filter { $0.opType == "Loop" || $0.opType.hasPrefix("Sequence") }.map(\.name)
        return flattener.result
    }

    /// - Returns: Whether the node's part in control flow, if it has one, is known.
    private mutating func add(_ node: Onnx_NodeProto) throws(ONNXError) -> Bool {
        guard OperatorDomain.canonical(node.domain).isEmpty else { return try keep(node) }
        switch node.opType {
        case "Constant":
            try remember(node)
            return try keep(node)
        case "Loop": return try unroll(node)
        case "Identity":
            guard let tensors = sequences[node.input.first ?? ""], let name = node.output.first else { break }
            return define(name, tensors)
        case "ConcatFromSequence": return try concatenate(node)
        case let type where type.hasPrefix("Sequence"): return try resolve(node)
        default: break
        }
        return try keep(node)
    }

    /// - Returns: Whether the node takes tensors only.
    private mutating func keep(_ node: Onnx_NodeProto) throws(ONNXError) -> Bool {
        guard !node.input.contains(where: { sequences[$0] != nil }) else { return false }
        guard result.count < context.limits.nodes else { throw .tooManyNodes(limit: context.limits.nodes) }
        result.append(node)
        return true
    }

    private mutating func remember(_ node: Onnx_NodeProto) throws(ONNXError) {
        guard let name = node.output.first, let attribute = node.attribute.first,
            // Weights, too, may be constants.
            attribute.t.dims.allSatisfy({ $0 == 1 })
        else { return }
        let reader = AttributeReader(node: name, context: context, scopes: [])
        scalars[name] = try reader.read(attribute).constantData?.wholeNumber
    }

    // MARK: Sequences

    private mutating func resolve(_ node: Onnx_NodeProto) throws(ONNXError) -> Bool {
        guard let output = node.output.first else { return false }
        let first = node.input.first ?? ""
        /// An index among `count`, counted from the end where negative.
        func position(_ slot: Int, count: Int) -> Int? {
            guard slot < node.input.count, let index = scalars[node.input[slot]] else { return nil }
            let position = index < 0 ? index + count : index
            return (0..<count).contains(position) ? position : nil
        }
        if node.opType == "SequenceEmpty" || node.opType == "SequenceConstruct" {
            return define(output, node.input)
        }
        guard var tensors = sequences[first] else { return false }
        switch node.opType {
        case "SequenceInsert":
            guard node.input.count > 1, sequences[node.input[1]] == nil else { return false }
            let appends = node.input.count < 3 || node.input[2].isEmpty
            guard let place = appends ? tensors.count : position(2, count: tensors.count + 1) else { return false }
            tensors.insert(node.input[1], at: place)
            return define(output, tensors)
        case "SequenceErase":
            let last = tensors.isEmpty ? nil : tensors.count - 1
            guard let place = node.input.count < 2 ? last : position(1, count: tensors.count) else { return false }
            tensors.remove(at: place)
            return define(output, tensors)
        case "SequenceAt":
            guard let place = position(1, count: tensors.count) else { return false }
            return try keep(.identity(from: tensors[place], to: output))
        case "SequenceLength":
            return try add(.constant(tensors.count, named: output))
        default:
            return false
        }
    }

    /// - Returns: Whether there is room for it: long sequences of sequences would exhaust the memory.
    private mutating func define(_ sequence: String, _ tensors: [String]) -> Bool {
        listed += tensors.count
        guard listed <= context.limits.nodes else { return false }
        sequences[sequence] = tensors
        return true
    }

    private mutating func concatenate(_ node: Onnx_NodeProto) throws(ONNXError) -> Bool {
        let makesAxis = node.attribute.contains { $0.name == "new_axis" && $0.i != 0 }
        guard let tensors = sequences[node.input.first ?? ""], !tensors.isEmpty, !makesAxis else { return false }
        var concat = node
        concat.opType = "Concat"
        concat.input = tensors
        concat.attribute.removeAll { $0.name == "new_axis" }
        return try keep(concat)
    }

    // MARK: Loops

    private mutating func unroll(_ node: Onnx_NodeProto) throws(ONNXError) -> Bool {
        guard let body = node.attribute.first(where: { $0.name == "body" })?.g, node.input.count >= 2,
            let turns = scalars[node.input[0]], turns >= 0, let prefix = node.output.first(where: { !$0.isEmpty })
        else { return false }
        let carried = node.input.count - 2
        guard node.input[1].isEmpty || scalars[node.input[1]] == 1, body.input.count == carried + 2,
            body.output.count == carried + 1, node.output.count <= carried, body.initializer.isEmpty,
            turns <= context.limits.loopTurns, !body.node.contains(where: { $0.attribute.contains(where: \.hasG) })
        else { return false }

        var values = Array(node.input.dropFirst(2))
        for turn in 0..<turns {
            var names: [String: String] = ["": ""]
            let (number, condition) = ("\(prefix)/\(turn)/turn", "\(prefix)/\(turn)/goes_on")
            guard try add(.constant(turn, named: number)) else { return false }
            scalars[condition] = 1
            names[body.input[0].name] = number
            names[body.input[1].name] = condition
            for (input, value) in zip(body.input.dropFirst(2), values) { names[input.name] = value }
            for inner in body.node {
                for output in inner.output where !output.isEmpty { names[output] = "\(prefix)/\(turn)/\(output)" }
                var copy = inner
                copy.name = "\(prefix)/\(turn)/\(inner.name)"
                copy.input = inner.input.map { names[$0] ?? $0 }
                copy.output = inner.output.map { names[$0] ?? $0 }
                // What a condition is copied from is a condition that is known.
                if inner.opType == "Identity", let known = copy.input.first.flatMap({ scalars[$0] }) {
                    copy.output.first.map { scalars[$0] = known }
                    if copy.input[0] == condition { continue }
                }
                guard try add(copy) else { return false }
            }
            let outputs = body.output.map { names[$0.name] ?? $0.name }
            guard scalars[outputs[0]] == 1 else { return false }
            values = Array(outputs.dropFirst())
        }
        for (value, output) in zip(values, node.output) where !output.isEmpty {
            guard try add(.identity(from: value, to: output)) else { return false }
        }
        return true
    }
}

extension Onnx_NodeProto {
    static func identity(from input: String, to output: String) -> Self {
        var node = Self()
        node.opType = "Identity"
        node.name = output
        node.input = [input]
        node.output = [output]
        return node
    }

    fileprivate static func constant(_ number: Int, named name: String) -> Self {
        var value = Onnx_AttributeProto()
        value.name = "value_int"
        value.type = .int
        value.i = Int64(number)
        var node = Self()
        node.opType = "Constant"
        node.output = [name]
        node.attribute = [value]
        return node
    }
}

extension TensorData {
    /// The one element of an integer or boolean tensor; a truth is 1.
    var wholeNumber: Int? {
        guard elementCount == 1 else { return nil }
        switch dtype {
        case .int64: return elements(of: Int64.self).first.map(Int.init)
        case .int32: return elements(of: Int32.self).first.map(Int.init)
        case .bool: return withUnsafeBytes { $0[0] == 0 ? 0 : 1 }
        default: return nil
        }
    }
}
