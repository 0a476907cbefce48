/// Takes the entries along one axis for which the condition holds; without `axis`, of the flattened input.
///
/// How many there are decides the output's shape, so the condition must be known before the model runs.
struct Compress: Movement {
    static let name = "Compress"
    static let inputs: [InputSlot] = [.operand("input"), .setting("condition")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let axis = try axis(of: node)
        let count = try entries(of: node).count
        guard let axis else { return [[count]] }
        var shape = node.inputShape(0)
        shape[axis] = count
        return [shape]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            guard let axis = try axis(of: node) else { return .opaque("the tensor is flattened and cut") }
            return .sameAxes(node) { $0 != axis }
        } catch {
            return .opaque(error.message)
        }
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let entries = ATenArgument.constant(
            TensorData([try entries(of: node).count], try entries(of: node).map(Int64.init)))
        var calls = CallSequence()
        if let axis = try axis(of: node) {
            calls.append("aten::index_select", "", .input(0), .int(axis), entries)
        } else {
            let flat = calls.append("aten::reshape", "", .input(0), .ints([-1]))
            calls.append("aten::index_select", "", flat, .int(0), entries)
        }
        return calls.lowering
    }

    private static func axis(of node: NodeContext) throws(GraphError) -> Int? {
        node.node.attributes["axis"] == nil ? nil : try node.axis(default: 0)
    }

    private static func entries(of node: NodeContext) throws(GraphError) -> [Int] {
        guard let condition = node.constant(1) else { throw GraphError.dynamicSetting("condition", of: node.node) }
        guard condition.dtype == .bool else {
            throw node.dtypeMismatch("condition must be bool, not \(condition.dtype.rawValue)")
        }
        let size = try axis(of: node).map { node.inputShape(0)[$0] } ?? node.inputShape(0).elementCount
        let holds = condition.elements(of: Bool.self)
        guard holds.count <= size else { throw node.mismatch("condition has \(holds.count) entries for \(size)") }
        return holds.indices.filter { holds[$0] }
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample(
                [[2, 4, 3], .constant(TensorData([4], [true, false, true, false]))], attributes: ["axis": .int(1)]),
            OperatorExample([[2, 3], .constant(TensorData([5], [false, true, false, false, true]))]),
        ]
    }
}
