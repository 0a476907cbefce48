/// Channels dealt out anew: the first of each group, then the second of each, and so on.
///
/// ```
/// a = Reshape(x, [N, g, C / g, ...]);  b = Transpose(a, [0, 2, 1, ...]);  y = Reshape(b, [N, C, ...])
/// ```
///
/// Zhang et al., *ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices*, CVPR 2018.
struct ChannelShuffle {
    /// Both reshapes, and the transpose between them.
    let nodes: [NodeID]
    let input: ValueID
    let output: ValueID
    /// For each place along the output's channels, the place along the input's.
    let order: [Int]

    /// - Parameter last: The second of the reshapes; another node is no end of a shuffle.
    init?(endingWith last: Node, in graph: Graph, _ free: FreeDimensions) {
        guard let (first, transpose) = Self.nodes(before: last, in: graph),
            let input = first.inputs[0], let between = first.outputs[0], let output = last.outputs[0],
            let sizes = Self.sizes(input: input, grouped: between, output: output, free.first),
            let others = Self.sizes(input: input, grouped: between, output: output, free.second), sizes == others,
            transpose.attributes["perm"] == .ints([0, 2, 1] + Array(3..<sizes.rank + 1))
        else { return nil }
        nodes = [first.id, transpose.id, last.id]
        self.input = input
        self.output = output
        let size = sizes.channels / sizes.groups
        order = (0..<sizes.channels).map { $0 % sizes.groups * size + $0 / sizes.groups }
    }

    /// Whether there may be any, by the nodes alone: shapes need not be inferred where there are none.
    static func mayOccur(in graph: Graph) -> Bool {
        graph.nodes.values.contains { nodes(before: $0, in: graph) != nil }
    }

    /// The first reshape and the transpose, where they stand before what may be the second reshape.
    private static func nodes(before last: Node, in graph: Graph) -> (first: Node, transpose: Node)? {
        guard let transpose = producer(of: last, "Reshape", in: graph),
            let first = producer(of: transpose, "Transpose", in: graph), first.isStandard("Reshape")
        else { return nil }
        return (first, transpose)
    }

    /// What must be the same whatever the free dimensions are.
    private struct Sizes: Equatable {
        var rank: Int
        var channels: Int
        var groups: Int
    }

    /// `nil` where shapes do not come out as those of a shuffle.
    private static func sizes(
        input: ValueID, grouped: ValueID, output: ValueID, _ types: ShapeInference
    ) -> Sizes? {
        guard let shape = types[input]?.shape, let grouped = types[grouped]?.shape.dimensions,
            types[output]?.shape == shape, shape.rank >= 2, shape[1] > 0, grouped.count == shape.rank + 1,
            grouped[0] == shape[0], grouped[3...] == shape.dimensions[2...], grouped[1] * grouped[2] == shape[1]
        else { return nil }
        return Sizes(rank: shape.rank, channels: shape[1], groups: grouped[1])
    }

    /// What computes the first input of a node, if nobody else reads it and the node is of that operator.
    private static func producer(of node: Node, _ operatorName: String, in graph: Graph) -> Node? {
        guard node.isStandard(operatorName), let input = node.inputs[0], !graph.isOutput(input),
            graph.consumers(of: input) == [node.id]
        else { return nil }
        return graph.producer(of: input)
    }
}

extension Node {
    fileprivate func isStandard(_ name: String) -> Bool { operatorName == name && domain.isEmpty }
}
