/// Sends channels straight from the layers that make them to those that read them, where they were shuffled on the way.
///
/// ```
/// Given:  s = Shuffle(Concat(a, b), 2 groups);  p, q = Split(s);  r = Conv(q, W)
/// Result: a1, a2 = Split(a');  b1, b2 = Split(b');  r = Conv(Concat(a2, b2), W')
/// ```
///
/// A channel shuffle takes as long as a layer, and computes nothing. The layers that make `a` and `b` put their
/// channels into the order in which they are read (axis 0 of their weights), the layers that read them do alike
/// (axis 1): so what belongs together lies together, and is cut and joined in few pieces. A channel that passes
/// several units untouched, as in ShuffleNet V2, is then copied once and no longer in each of them. It also becomes
/// free to be pruned for itself: a shuffle ties channels to each other that have nothing else in common.
///
/// Conditions: what enters and leaves the `ChannelRoutes` may be put into another order (`ChannelOrder`), each
/// for itself; no layer reads a channel twice; zeros that follow a pattern over input channels, such as 2:4, still
/// do. Shuffles between grouped convolutions stay: those read their channels by place. Sums over input channels are
/// added up in another order, and rounded accordingly.
///
/// Reference for the units: Ma et al., *ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design*,
/// ECCV 2018.
public struct RouteChannels: GraphPass {
    public static let name = "RouteChannels"

    /// The sizes of reshapes must be known.
    public static var runsAfter: [any GraphPass.Type] { [FoldShapeComputations.self] }

    public init() {}

    /// - Complexity: O(nodes), where nothing looks like a shuffle; that of ``FreeDimensions`` where nothing is one; and
    ///   O(weights) where one goes.
    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var result = PassResult()
        guard ChannelShuffle.mayOccur(in: graph),
            // What refuses the sizes that are tried is left as it is.
            let free = try? FreeDimensions(of: graph)
        else { return result }
        var taken: Set<ChannelOrder.Place> = []
        var rewrites: [Rewrite] = []
        for routes in ChannelRoutes.all(in: graph, free) {
            do throws(ChannelOrder.Obstacle) {
                let rewrite = try Rewrite(of: routes, in: graph, free.first, besides: taken)
                taken.formUnion(rewrite.reorderings.flatMap(\.order.places))
                rewrites.append(rewrite)
            } catch {
                for shuffle in routes.shuffles { result.skip(graph[shuffle.nodes[1]], because: error.reason) }
            }
        }
        guard !rewrites.isEmpty else { return result }
        var rewritten = graph
        for rewrite in rewrites { rewrite.apply(to: &rewritten) }
        rewritten.removeUnusedConstants()
        let shuffles = rewrites.flatMap(\.routes.shuffles)
        if let pattern = try Sparsity(of: graph).pattern, try Sparsity(of: rewritten).pattern != pattern {
            for shuffle in shuffles {
                result.skip(graph[shuffle.nodes[1]], because: "the zeros of weights would no longer be \(pattern)")
            }
            return result
        }
        graph = rewritten
        result.changes = shuffles.count
        return result
    }
}

/// What becomes of one set of routes.
private struct Rewrite {
    /// Channels of one source that go to the same readers.
    struct Piece {
        var source: ValueID
        /// In place of which values it is read.
        var sinks: [ValueID]
        /// Where they lie in the source as it was.
        var indices: [Int]
    }

    /// Channels that are put into another order.
    struct Reordering {
        var order: ChannelOrder
        /// For each place, the place along the order as it was.
        var indices: [Int]
    }

    let routes: ChannelRoutes
    /// Values made by the routes' nodes that others read.
    private let sinks: [ValueID]
    /// Source by source, what is read first in front.
    private var pieces: [Piece] = []
    private(set) var reorderings: [Reordering] = []

    /// - Parameter taken: What others have put into another order.
    init(
        of routes: ChannelRoutes, in graph: Graph, _ types: ShapeInference, besides taken: Set<ChannelOrder.Place>
    ) throws(ChannelOrder.Obstacle) {
        self.routes = routes
        sinks = routes.channels.keys.filter { value in
            graph.isOutput(value) || graph.consumers(of: value).contains { !routes.nodes.contains($0) }
        }
        if let shown = sinks.first(where: graph.isOutput) {
            throw ChannelOrder.Obstacle(shown, of: graph)
        }
        if let empty = sinks.first(where: { routes.channels[$0, default: []].isEmpty }) {
            throw ChannelOrder.Obstacle("\(graph[empty].name) has no channels")
        }
        try cut(types)
        var taken = taken
        let sources = routes.sources.map { ($0, pieces(of: $0).flatMap(\.indices)) }
        // What keeps its order as it is must not get another one by way of what is tied to it, either.
        let ends = Set(Array(routes.sources) + sinks)
        for (value, indices) in sources + sinks.map({ ($0, places(in: $0)) })
        where indices != Array(indices.indices) {
            let end = ChannelOrder.Place(value: value, axis: 1)
            let order = try ChannelOrder(along: end, in: graph, types, outside: routes.nodes)
            guard order.places.allSatisfy({ $0 == end || !ends.contains($0.value) && !taken.contains($0) }) else {
                throw ChannelOrder.Obstacle("\(graph[value].name) shares the order of its channels with others")
            }
            taken.formUnion(order.places)
            reorderings.append(Reordering(order: order, indices: indices))
        }
    }

    private mutating func cut(_ types: ShapeInference) throws(ChannelOrder.Obstacle) {
        var readers: [ChannelRoutes.Channel: [Int]] = [:]
        for (position, sink) in sinks.enumerated() {
            for channel in routes.channels[sink, default: []] {
                guard readers[channel]?.last != position else {
                    throw ChannelOrder.Obstacle("a layer reads a channel twice")
                }
                readers[channel, default: []].append(position)
            }
        }
        for source in routes.sources {
            let indices = 0..<(types[source]?.shape[1] ?? 0)
            let byReaders = Dictionary(grouping: indices) { index in
                readers[ChannelRoutes.Channel(source: source, index: index), default: []]
            }
            for positions in byReaders.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                pieces.append(
                    Piece(
                        source: source, sinks: positions.map { sinks[$0] }, indices: byReaders[positions, default: []]))
            }
        }
    }

    private func pieces(of source: ValueID) -> [Piece] { pieces.filter { $0.source == source } }

    /// Where the channels of a sink's pieces lie in the sink as it is.
    private func places(in sink: ValueID) -> [Int] {
        let places = Dictionary(
            uniqueKeysWithValues: routes.channels[sink, default: []].enumerated().map { ($1, $0) })
        return pieces.filter { $0.sinks.contains(sink) }.flatMap { piece in
            piece.indices.compactMap { places[ChannelRoutes.Channel(source: piece.source, index: $0)] }
        }
    }

    func apply(to graph: inout Graph) {
        for reordering in reorderings {
            for place in reordering.order.places {
                guard let data = graph.constants[place.value] else { continue }
                graph.setConstant(place.value, to: data.selecting(reordering.indices, alongAxis: place.axis))
            }
        }
        var parts: [ValueID: [ValueID]] = [:]
        for source in routes.sources {
            let pieces = pieces(of: source)
            for (piece, value) in zip(pieces, values(of: pieces, from: source, in: &graph)) {
                for sink in piece.sinks { parts[sink, default: []].append(value) }
            }
        }
        for sink in sinks {
            let joined = value(joining: parts[sink, default: []], for: sink, in: &graph)
            graph.replaceUses(of: sink, with: joined, except: routes.nodes)
        }
        graph.removeNodes(routes.nodes)
    }

    private func values(of pieces: [Piece], from source: ValueID, in graph: inout Graph) -> [ValueID] {
        guard pieces.count > 1 else { return [source] }
        let name = "\(graph[source].name).pieces"
        let sizes = pieces.map { Int64($0.indices.count) }
        return graph.addNode(
            "Split", name: name,
            inputs: [source, graph.addConstant("\(name).sizes", TensorData([sizes.count], sizes))],
            outputNames: pieces.map { _ in name }, attributes: ["axis": .int(1)], origin: RouteChannels.name,
            before: graph.firstInOrder(graph.consumers(of: source).filter(routes.nodes.contains)))
    }

    private func value(joining parts: [ValueID], for sink: ValueID, in graph: inout Graph) -> ValueID {
        guard parts.count > 1 else { return parts[0] }
        return graph.addNode(
            "Concat", name: "\(graph[sink].name).routed", inputs: parts, attributes: ["axis": .int(1)],
            origin: RouteChannels.name,
            before: graph.firstInOrder(graph.consumers(of: sink).filter { !routes.nodes.contains($0) }))[0]
    }
}
