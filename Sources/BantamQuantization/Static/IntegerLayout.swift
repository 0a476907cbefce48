import BantamGraph
import BantamLayerwise
import BantamModel
import OrderedCollections

/// Which nodes of a graph run in integers, and which activations are rounded for them.
///
/// A pure function of graph and profile; the ranges come later. The rules:
///
/// - An operator that computes (it has MACs) runs in integers when the profile lists it and its weights can be stored
///   as integers. An operator without MACs (`Add`, `Mul`, average pooling) does so only behind one that does:
///   converting for its sake alone would not pay.
/// - A value is rounded when a node that runs in integers reads it. So the result of `Conv -> Relu -> Conv` is rounded
///   behind the `Relu`, and the last layer's result is never rounded.
/// - Operators that only move values pass the demand on to their inputs: `Conv -> MaxPool -> Conv` is rounded before
///   the pooling. What flows into one `Concat` shares one scale.
struct IntegerLayout {
    let scope: QuantizationScope
    let profile: TargetProfile
    private(set) var decisions: OrderedDictionary<NodeID, Decision> = [:]
    /// Values to round that share one scale, in the graph's order. Each set of values is one group.
    private(set) var groups: [[ValueID]] = []
    /// The index in ``groups`` of each value that stands for integers, also behind nodes that move them.
    private(set) var groupOfValue: [ValueID: Int] = [:]

    struct Decision: Equatable {
        var placement: NodePlacement.Placement
        var reason: String?
    }

    init(of graph: Graph, by method: StaticQuantization) throws(CompressionError) {
        scope = try QuantizationScope(graph)
        profile = method.profile
        var kinds = NodeKinds(scope: scope, method: method)
        kinds.settle()
        let needed = Self.neededValues(in: graph, kinds)
        for node in graph.nodes.values {
            decisions[node.id] = decide(node, kinds, needed: needed)
        }
        formGroups(needed: needed, kinds)
    }

    /// The values that nodes in integers read, directly or through nodes that move them.
    private static func neededValues(in graph: Graph, _ kinds: NodeKinds) -> Set<ValueID> {
        var needed: Set<ValueID> = []
        for node in graph.nodes.values.reversed() {
            switch kinds[node.id] {
            case .integer(let activations): needed.formUnion(activations)
            case .transparent(let inputs):
                if node.outputs.contains(where: { $0.map(needed.contains) ?? false }) { needed.formUnion(inputs) }
            case .activation, .float: break
            }
        }
        return needed
    }

    private func decide(_ node: Node, _ kinds: NodeKinds, needed: Set<ValueID>) -> Decision {
        switch kinds[node.id] {
        case .integer: return Decision(placement: .integer)
        case .float(let reason): return Decision(placement: .float, reason: reason)
        case .transparent(let inputs):
            if inputs.isEmpty || inputs.contains(where: needed.contains) { return Decision(placement: .transparent) }
            return Decision(placement: .float, reason: "no integer operator reads its result")
        case .activation(let source):
            let producer = scope.graph.producer(of: source)
            let isAlone = !needed.contains(source) && !scope.graph.isOutput(source)
            let others = scope.graph.consumers(of: source).filter { $0 != node.id }
            // A gate and its product read the same value and are fused together.
            let areGates = others.allSatisfy { if case .activation(source) = kinds[$0] { true } else { false } }
            switch producer.map({ kinds[$0.id] }) {
            case .integer where isAlone && areGates: return Decision(placement: .fused)
            case .activation where isAlone && areGates && producer.map { decisions[$0.id]?.placement } == .fused:
                return Decision(placement: .fused)
            default:
                return Decision(placement: .float, reason: "no integer operator before it can apply it to its result")
            }
        }
    }

    private mutating func formGroups(needed: Set<ValueID>, _ kinds: NodeKinds) {
        var sets = DisjointSets()
        for (id, decision) in decisions where decision.placement == .transparent {
            guard case .transparent(let inputs) = kinds[id], !inputs.isEmpty else { continue }
            let outputs = scope.graph[id].outputs.compactMap(\.self).filter(scope.isFloat32)
            for value in inputs.dropFirst() + outputs { sets.unite(inputs[0], value) }
        }
        var indexOfRoot: [ValueID: Int] = [:]
        for value in orderedValues {
            let root = sets.root(of: value)
            if needed.contains(value) && !isMoved(value) {
                indexOfRoot[root] = indexOfRoot[root] ?? groups.count
                if indexOfRoot[root] == groups.count { groups.append([]) }
                groups[indexOfRoot[root] ?? 0].append(value)
            }
            groupOfValue[value] = indexOfRoot[root]
        }
    }

    /// Whether a node that only moves values makes this one.
    private func isMoved(_ value: ValueID) -> Bool {
        scope.graph[value].producer.map { decisions[$0]?.placement == .transparent } ?? false
    }

    private var orderedValues: [ValueID] {
        scope.graph.inputs.map(\.value) + scope.graph.nodes.values.flatMap { $0.outputs.compactMap(\.self) }
    }
}

/// Sets of values that grow together.
private struct DisjointSets {
    private var parents: [ValueID: ValueID] = [:]

    mutating func root(of value: ValueID) -> ValueID {
        var root = value
        while let parent = parents[root] { root = parent }
        if root != value { parents[value] = root }
        return root
    }

    mutating func unite(_ left: ValueID, _ right: ValueID) {
        let (left, right) = (root(of: left), root(of: right))
        if left != right { parents[right] = left }
    }
}
