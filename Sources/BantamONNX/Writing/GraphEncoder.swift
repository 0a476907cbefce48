import BantamGraph
import SwiftProtobuf

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Turns a graph into a `GraphProto` without its constants, which the writer streams after it.
struct GraphEncoder {
    let graph: Graph

    /// - Parameter types: What to say of the outputs; a graph inside a node says nothing of them.
    func proto(types: GraphTypes?) -> Onnx_GraphProto {
        var proto = Onnx_GraphProto()
        proto.name = graph.name
        proto.node = Self.namedApart(graph.nodes.values.map { encoded($0) })
        proto.input = graph.inputs.map { encoded($0) }
        proto.output = graph.outputs.map { output in
            let name = graph[output].name
            guard let types else { return Onnx_ValueInfoProto.with { $0.name = name } }
            return types.valueInfo(of: output, named: name)
        }
        return proto
    }

    /// The nodes with a number behind names that others have already: runtimes refuse two nodes of one name.
    private static func namedApart(_ nodes: [Onnx_NodeProto]) -> [Onnx_NodeProto] {
        var nodes = nodes
        var taken = Set(nodes.map(\.name))
        var last: [String: Int] = [:]
        for index in nodes.indices where !nodes[index].name.isEmpty {
            let name = nodes[index].name
            guard var number = last[name] else {
                last[name] = 1
                continue
            }
            repeat { number += 1 } while !taken.insert("\(name)_\(number)").inserted
            last[name] = number
            nodes[index].name = "\(name)_\(number)"
        }
        return nodes
    }

    private func encoded(_ node: Node) -> Onnx_NodeProto {
        var proto = Onnx_NodeProto()
        proto.name = node.name
        proto.opType = node.operatorName
        proto.domain = node.domain
        proto.input = node.inputs.map { $0.map { graph[$0].name } ?? "" }
        proto.output = node.outputs.map { $0.map { graph[$0].name } ?? "" }
        proto.attribute = node.attributes.map { encoded($0.value, named: $0.key) }
        return proto
    }

    private func encoded(_ input: GraphInput) -> Onnx_ValueInfoProto {
        var proto = Onnx_ValueInfoProto()
        proto.name = graph[input.value].name
        proto.type.tensorType.elemType = Int32(input.dtype.onnxCode)
        proto.type.tensorType.shape.dim = input.dimensions.map { dimension in
            var proto = Onnx_TensorShapeProto.Dimension()
            switch dimension {
            case .fixed(let size): proto.dimValue = Int64(size)
            case .free(let name): proto.dimParam = name
            }
            return proto
        }
        return proto
    }

    private func encoded(_ attribute: Attribute, named name: String) -> Onnx_AttributeProto {
        var proto = Onnx_AttributeProto()
        proto.name = name
        switch attribute {
        case .int(let value): (proto.type, proto.i) = (.int, Int64(value))
        case .float(let value): (proto.type, proto.f) = (.float, value)
        case .string(let value): (proto.type, proto.s) = (.string, Data(value.utf8))
        case .ints(let values): (proto.type, proto.ints) = (.ints, values.map { Int64($0) })
        case .floats(let values): (proto.type, proto.floats) = (.floats, values)
        case .strings(let values): (proto.type, proto.strings) = (.strings, values.map { Data($0.utf8) })
        case .tensor(let data): (proto.type, proto.t) = (.tensor, Self.tensor(data, named: ""))
        case .graph(let body): (proto.type, proto.g) = (.graph, Self.complete(body))
        }
        return proto
    }

    /// A graph inside a node, with its constants: few, and small.
    private static func complete(_ graph: Graph) -> Onnx_GraphProto {
        var proto = GraphEncoder(graph: graph).proto(types: nil)
        proto.initializer = graph.constants.map { tensor($0.value, named: graph[$0.key].name) }
        return proto
    }

    private static func tensor(_ data: TensorData, named name: String) -> Onnx_TensorProto {
        var proto = tensorHeader(data.type, named: name)
        proto.rawData = data.withUnsafeBytes { Data($0) }
        return proto
    }

    /// All of a tensor but its data.
    static func tensorHeader(_ type: TensorType, named name: String) -> Onnx_TensorProto {
        var proto = Onnx_TensorProto()
        proto.name = name
        proto.dataType = Int32(type.dtype.onnxCode)
        proto.dims = type.shape.dimensions.map { Int64($0) }
        return proto
    }
}
