package import BantamGraph
import BantamNetwork
package import BantamTensor
import OrderedCollections

/// A layer as a function of its weight, on the input that it has in a ``GraphWalk``.
package struct SingleLayer {
    private let network: Network
    package let node: Node
    package let input: Tensor
    private let weightShape: Shape

    /// - Parameter inputs: The layer's input, its weight and what else the node reads.
    package init(_ node: Node, inputs: [Tensor?]) throws {
        guard let input = inputs[0], let weight = inputs[1] else {
            preconditionFailure("\(node.label) has no weight")
        }
        self.node = node
        self.input = input
        weightShape = weight.shape
        network = try Self.network(
            of: node, input: input, weight: weightShape, others: Array(inputs.dropFirst(2)),
            attributes: node.attributes)
    }

    /// - Parameter others: The inputs behind the weight.
    private static func network(
        of node: Node, input: Tensor, weight: Shape, others: [Tensor?], attributes: OrderedDictionary<String, Attribute>
    ) throws -> Network {
        var graph = Graph(name: node.label)
        let free = [InputDimension.free("N")] + input.shape.dimensions.dropFirst().map { .fixed($0) }
        var inputs: [ValueID?] = [
            graph.addInput("x", .float32, free),
            graph.addInput("weight", .float32, weight.dimensions.map { .fixed($0) }),
        ]
        for slot in others { inputs.append(try slot.map { graph.addConstant("constant", try $0.data()) }) }
        graph.addOutput(graph.addNode(node.operatorName, inputs: inputs, attributes: attributes)[0])
        return try Network(graph, device: input.device, channelsLast: input.isChannelsLast)
    }

    /// - Parameter rows: The samples to run on; all by default.
    package func run(weight: Tensor, rows: Tensor? = nil) throws -> Tensor {
        guard let rows else { return try network.forward([input, weight]).outputs[0] }
        return try network.forward([try input.selecting(rows, axis: 0), weight]).outputs[0]
    }

    // MARK: Patches

    /// Of several samples at a time: so few rows that sums over them are exact enough in float32, and 64 MB.
    private static let mostRows = 4096
    private static let mostNumbers = 1 << 24

    /// Whether each number of the result is the product of a stretch of the input with the weight.
    package var hasPatches: Bool { Self.hasPatches(node) }

    /// Whether that is so for the layer of a node.
    package static func hasPatches(_ node: Node) -> Bool { ["Conv", "Gemm", "MatMul"].contains(node.operatorName) }

    /// Whether a matrix product and its bias count once, as nearly always.
    package static func isUnscaled(_ node: Node) -> Bool {
        ["alpha", "beta"].allSatisfy { node.attributes[$0] == nil || node.attributes[$0] == .float(1) }
    }

    /// What a result is the product of the weight with: the input itself, or the stretch of it that the kernel covers.
    ///
    /// - Parameter visit: Is shown the patches of some samples at a time: `[R, C x kernel]`, one row for each sample and
    ///   position, with the numbers in the weight's order and the input channels of all groups one after another; and
    ///   which samples they are.
    /// - Precondition: ``hasPatches``.
    package func forEachSliceOfPatches(_ visit: (_ patches: Tensor, _ samples: Range<Int>) throws -> Void) throws {
        precondition(hasPatches, "\(node.label) has no patches")
        let patches = LayerPatches(of: node, weight: weightShape, input: input.shape)
        guard node.operatorName == "Conv" else { return try visit(try patches.rows(of: input), 0..<input.shape[0]) }
        let (rows, width) = patches.extents(of: input.shape)
        let atOnce = max(min(Self.mostRows / rows, Self.mostNumbers / (rows * width)), 1)
        for start in stride(from: 0, to: input.shape[0], by: atOnce) {
            let samples = start..<min(start + atOnce, input.shape[0])
            let images = try input.narrowed(axis: 0, start: start, count: samples.count)
            try visit(try patches.rows(of: images), samples)
        }
    }
}
