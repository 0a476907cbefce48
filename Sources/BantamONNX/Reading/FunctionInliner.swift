import SwiftProtobuf

/// Writes a model's local functions out in place of the nodes that call them.
///
/// Exporters that keep the module structure of a network (`torch.onnx` with dynamo) put each module into a function.
/// Values inside a call are named after the call's first output: `"logits/hidden"`.
struct FunctionInliner {
    private struct Key: Hashable {
        var domain: String
        var name: String
        var overload: String

        init(_ function: Onnx_FunctionProto) {
            (domain, name) = (OperatorDomain.canonical(function.domain), function.name)
            overload = function.overload
        }

        init(calledBy node: Onnx_NodeProto) {
            (domain, name) = (OperatorDomain.canonical(node.domain), node.opType)
            overload = node.overload
        }
    }

    private var functions: [Key: Onnx_FunctionProto] = [:]
    private let limits: ONNXLimits

    /// - Throws: `unsupportedFunction` for one that is written for another operator set than the model.
    init(_ functions: [Onnx_FunctionProto], opset: Int, limits: ONNXLimits) throws(ONNXError) {
        self.limits = limits
        for function in functions {
            for entry in function.opsetImport where OperatorDomain.canonical(entry.domain).isEmpty {
                guard entry.version == opset else {
                    throw .functionOpset(Int(entry.version), function: function.name, modelOpset: opset)
                }
            }
            self.functions[Key(function)] = function
        }
    }

    /// The nodes with every call replaced by the nodes of its function.
    ///
    /// - Throws: `unsupportedFunction`, `nestingTooDeep` for functions that call each other without end, `tooManyNodes`.
    func inlined(_ nodes: [Onnx_NodeProto]) throws(ONNXError) -> [Onnx_NodeProto] {
        guard !functions.isEmpty else { return nodes }
        var result: [Onnx_NodeProto] = []
        var calls = 0
        for node in nodes { try expand(node, into: &result, depth: 0, calls: &calls) }
        return result
    }

    private func expand(_ node: Onnx_NodeProto, into result: inout [Onnx_NodeProto], depth: Int, calls: inout Int)
        throws(ONNXError)
    {
        guard let function = functions[Key(calledBy: node)] else {
            guard result.count < limits.nodes else { throw .tooManyNodes(limit: limits.nodes) }
            result.append(node)
            return
        }
        // Functions without nodes that call each other would otherwise be called without end.
        calls += 1
        guard calls <= limits.functionCalls else { throw .tooManyCalls(limit: limits.functionCalls) }
        guard depth < limits.nestingDepth else { throw .nestingTooDeep(limit: limits.nestingDepth) }
        var call = try Call(of: function, by: node)
        for inner in function.node {
            try expand(try call.written(inner), into: &result, depth: depth + 1, calls: &calls)
        }
        result += call.passedThrough
    }
}

/// One call of a function: what its names stand for.
private struct Call {
    private let function: Onnx_FunctionProto
    private let node: Onnx_NodeProto
    private var names: [String: String] = ["": ""]
    private let prefix: String
    /// Nodes for the outputs that are inputs of the function.
    private(set) var passedThrough: [Onnx_NodeProto] = []

    init(of function: Onnx_FunctionProto, by node: Onnx_NodeProto) throws(ONNXError) {
        self.function = function
        self.node = node
        prefix = node.output.first { !$0.isEmpty } ?? node.name
        guard node.input.count <= function.input.count, node.output.count <= function.output.count else {
            throw .functionArity(function: function.name, node: node.name)
        }
        for (index, formal) in function.input.enumerated() {
            names[formal] = index < node.input.count ? node.input[index] : ""
        }
        for (formal, actual) in zip(function.output, node.output) where !actual.isEmpty {
            guard let input = names[formal] else {
                names[formal] = actual
                continue
            }
            var identity = Onnx_NodeProto()
            identity.opType = "Identity"
            identity.name = "\(prefix)/\(formal)"
            identity.input = [input]
            identity.output = [actual]
            passedThrough.append(identity)
        }
    }

    /// A node of the function as it stands in the calling graph.
    mutating func written(_ inner: Onnx_NodeProto) throws(ONNXError) -> Onnx_NodeProto {
        var copy = inner
        if !inner.name.isEmpty { copy.name = "\(prefix)/\(inner.name)" }
        copy.input = inner.input.map { name(for: $0) }
        copy.output = inner.output.map { name(for: $0) }
        copy.attribute = []
        for attribute in inner.attribute {
            guard !attribute.hasG else { throw .functionWithGraph(function: function.name, node: inner.name) }
            if let resolved = resolved(attribute) { copy.attribute.append(resolved) }
        }
        return copy
    }

    private func name(for inner: String) -> String { names[inner] ?? "\(prefix)/\(inner)" }

    /// A reference replaced by the attribute that the call gives, or the function's default; `nil` without either.
    private func resolved(_ attribute: Onnx_AttributeProto) -> Onnx_AttributeProto? {
        guard !attribute.refAttrName.isEmpty else { return attribute }
        let given = node.attribute.first { $0.name == attribute.refAttrName }
        guard var value = given ?? function.attributeProto.first(where: { $0.name == attribute.refAttrName }) else {
            return nil
        }
        value.name = attribute.name
        return value
    }
}
