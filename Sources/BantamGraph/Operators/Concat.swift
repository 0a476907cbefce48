/// Joins tensors along one axis.
struct Concat: Movement {
    static let name = "Concat"
    static let inputs: [InputSlot] = [.variadic(.operand("inputs"))]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        .whereAll(Array(node.node.inputs.indices))
    }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let axis = try node.axis(default: 0)
        var shape = node.inputShape(0)
        for slot in 1..<node.inputCount {
            var other = node.inputShape(slot)
            guard other.rank == shape.rank else { throw misfit(node) }
            shape[axis] += other[axis]
            other[axis] = shape[axis]
            guard other == shape else { throw misfit(node) }
        }
        return [shape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try sharedDType(of: node, slots: 0..<node.inputCount)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let joined = node.checkedAxis(default: 0)
        var links: [AxisLink] = []
        var start = 0
        for slot in 0..<node.inputCount {
            let shape = node.inputShape(slot)
            links += (0..<shape.rank).map { axis in
                AxisLink(
                    .input(slot, axis: axis), .output(0, axis: axis), axis == joined ? .offset(start) : .same)
            }
            start += shape[joined]
        }
        return .links(links)
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let parts = (0..<node.inputCount).map { ATenArgument.input($0) }
        return [ATenCall("aten::cat", .tensors(parts), .int(node.checkedAxis(default: 0)))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        let parts = (0..<node.inputCount).compactMap(node.movableConstant)
        guard parts.count == node.inputCount, let dtype = parts.first?.dtype else { return nil }
        let axis = node.checkedAxis(default: 0)
        let shape = try shapes(of: node)[0]
        let starts = parts.indices.map { parts[..<$0].reduce(0) { $0 + $1.elementCount } }
        let runs = parts.map { $0.shape.dimensions[axis...].reduce(1, *) }
        let rows = shape.dimensions[..<axis].reduce(1, *)
        var positions: [Int] = []
        for row in 0..<rows {
            for (start, run) in zip(starts, runs) { positions += start + row * run..<start + (row + 1) * run }
        }
        return [TensorData.joined(parts, dtype: dtype).selecting(positions, shape: shape)]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5], [2, 1, 4, 5]], attributes: ["axis": .int(1)]),
            OperatorExample([[1, 2, 2, 3, 3], [1, 4, 2, 3, 3], [1, 1, 2, 3, 3]], attributes: ["axis": .int(-4)]),
            OperatorExample([[2, 3]], attributes: ["axis": .int(0)]),
        ]
    }

    private static func misfit(_ node: NodeContext) -> GraphError {
        let shapes = (0..<node.inputCount).map { "\(node.inputShape($0))" }.joined(separator: ", ")
        return node.mismatch("\(shapes) differ in other axes than the one along which they are joined")
    }
}
