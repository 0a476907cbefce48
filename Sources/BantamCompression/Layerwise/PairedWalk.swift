import BantamGraph
import BantamNetwork
import BantamTensor

/// Runs a graph and its quantized or pruned version side by side on one batch, node by node.
///
/// So each layer can be corrected by what it differs in, before those behind it run on its corrected result. Only
/// what is still to be read is kept: the memory is that of two inferences on the batch.
struct PairedWalk {
    private let original: Graph
    private let changed: Graph
    private let device: Device

    /// A layer that both graphs have, when its results have been computed.
    struct Layer {
        /// The node as the changed graph has it.
        var node: Node
        /// The layer's inputs in the changed graph, constants and all.
        var inputs: [Tensor?]
        /// What the original computes.
        var expected: Tensor
        /// What the changed graph computes.
        var result: Tensor
        /// Both for any other value, while it is still to be read.
        var others: (ValueID) -> (expected: Tensor, result: Tensor)? = { _ in nil }
    }

    /// - Parameter changed: The original as a method leaves it, with the same ids of nodes and values.
    init(_ original: Graph, _ changed: Graph, device: Device) {
        self.original = original
        self.changed = changed
        self.device = device
    }

    /// The number of samples of which the two graphs' activations take 1 GB. With what operators take for
    /// themselves a process grows to several times that (decision 0017).
    ///
    /// Deep layers read few positions of each sample: with a quarter of the samples, ``ErrorCompensation`` leaves a quarter
    /// more error there on samples that it has not seen.
    static func batchSize(for graph: Graph, atMost limit: Int = 256) -> Int {
        let sample = (try? Liveness(of: graph).peak.bytes) ?? 1
        return min(max((1 << 30) / max(2 * sample, 1), 1), limit)
    }

    /// - Parameters:
    ///   - inputs: The batch: one tensor for each input of the graphs.
    ///   - chosen: The layers to stop at.
    ///   - visit: Is shown each of them in order, and returns what its result is from now on.
    func run(_ inputs: [Tensor], at chosen: Set<NodeID>, visit: (Layer) throws -> Tensor) throws {
        try withoutGradients {
            var expected = try Side(original, inputs, device: device)
            var actual = try Side(changed, inputs, device: device)
            for node in changed.nodes.values {
                try actual.run(node)
                guard let twin = original.nodes[node.id] else { continue }
                try expected.run(twin)
                if chosen.contains(node.id), let output = node.mainOutput, let left = expected[output],
                    let right = actual[output]
                {
                    let layer = Layer(
                        node: node, inputs: try node.inputs.map { try $0.map { try actual.value($0) } },
                        expected: left, result: right,
                        others: { [expected, actual] value in
                            guard let left = expected[value], let right = actual[value] else { return nil }
                            return (left, right)
                        })
                    actual[output] = try visit(layer)
                    // The layers differ in size, and none needs what another has freed.
                    try MemoryMeter(device).releaseKept()
                }
                expected.release(after: twin)
                actual.release(after: node)
            }
        }
    }

    /// One of the two graphs, on its way.
    private struct Side {
        private let graph: Graph
        private let types: ShapeInference
        private let device: Device
        private let isConvolutional: Bool
        private var live: [ValueID: Tensor]
        /// By value: how many nodes are still to read it.
        private var readers: [ValueID: Int]

        init(_ graph: Graph, _ inputs: [Tensor], device: Device) throws {
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

        subscript(value: ValueID) -> Tensor? {
            get { live[value] }
            set { live[value] = newValue }
        }

        func value(_ value: ValueID) throws -> Tensor {
            if let tensor = live[value] { return tensor }
            guard let data = graph.constants[value] ?? types.known[value] else {
                preconditionFailure("\(graph[value].name) was not computed")
            }
            return try Tensor(data, device: device)
        }

        /// Runs the node as a graph of its own.
        mutating func run(_ node: Node) throws {
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

        mutating func release(after node: Node) {
            for value in Set(node.inputs.compactMap(\.self)) {
                readers[value, default: 1] -= 1
                if readers[value] == 0 { live[value] = nil }
            }
            for value in node.outputs.compactMap(\.self) where readers[value] == nil { live[value] = nil }
        }
    }
}
