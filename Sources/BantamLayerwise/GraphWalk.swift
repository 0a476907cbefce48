package import BantamGraph
import BantamNetwork
package import BantamTensor

/// Runs a graph on one batch, node by node, and holds what is still to be read.
///
/// What a node computed can be replaced before those behind it run.
package struct GraphWalk {
    private let graph: Graph
    private let types: ShapeInference
    private let device: Device
    private let isConvolutional: Bool
    private var live: [ValueID: Tensor]
    /// By value: how many nodes are still to read it.
    private var readers: [ValueID: Int]

    /// - Parameter inputs: The batch: one tensor for each input of the graph.
    package init(_ graph: Graph, _ inputs: [Tensor], device: Device) throws {
        self.graph = graph
        self.device = device
        types = try ShapeInference(of: graph, inputShapes: inputs.map(\.shape))
        isConvolutional = graph.nodes.values.contains { $0.operatorName == "Conv" }
        live = Dictionary(uniqueKeysWithValues: zip(graph.inputs.map(\.value), inputs))
        readers = [:]
        for node in graph.nodes.values {
            for value in Set(node.inputs.compactMap(\.self)) { readers[value, default: 0] += 1 }
        }
    }

    package subscript(value: ValueID) -> Tensor? {
        get { live[value] }
        set { live[value] = newValue }
    }

    /// A node's inputs, constants and all, until they are released.
    package func inputs(of node: Node) throws -> [Tensor?] { try node.inputs.map { try $0.map(value) } }

    private func value(_ value: ValueID) throws -> Tensor {
        if let tensor = live[value] { return tensor }
        guard let data = graph.constants[value] ?? types.known[value] else {
            preconditionFailure("\(graph[value].name) was not computed")
        }
        return try Tensor(data, device: device)
    }

    /// Runs the node as a graph of its own.
    package mutating func run(_ node: Node) throws {
        let outputs = node.outputs.compactMap(\.self)
        if outputs.allSatisfy({ types.known[$0] != nil }) { return }
        var single = Graph(name: node.label)
        var feeds: [Tensor] = []
        let inputs = node.inputs.map { input -> ValueID? in
            guard let input else { return nil }
            if let tensor = live[input] {
                feeds.append(tensor)
                return single.addInput(
                    "input\(feeds.count)", tensor.dtype, tensor.shape.dimensions.map { .fixed($0) })
            }
            guard let data = graph.constants[input] ?? types.known[input] else {
                preconditionFailure("\(graph[input].name) was not computed")
            }
            return single.addConstant("constant", data)
        }
        let made = node.outputs.map { $0.map { single.makeValue(graph[$0].name) } }
        single.addNode(
            node.operatorName, name: node.name, domain: node.domain, inputs: inputs, outputs: made,
            attributes: node.attributes)
        for value in made.compactMap(\.self) { single.addOutput(value) }
        let network = try Network(single, device: device, channelsLast: isConvolutional)
        for (value, tensor) in zip(outputs, try network.forward(feeds).outputs) {
            live[value] = try tensor.detached()
        }
    }

    /// Drops what no other node reads.
    package mutating func release(after node: Node) {
        for value in Set(node.inputs.compactMap(\.self)) {
            readers[value, default: 1] -= 1
            if readers[value] == 0 { live[value] = nil }
        }
        for value in node.outputs.compactMap(\.self) where readers[value] == nil { live[value] = nil }
    }
}
