/// Takes the entries along one axis that the indices name; the indices' shape takes the axis' place.
struct Gather: Movement {
    static let name = "Gather"
    static let inputs: [InputSlot] = [.operand("data"), .activation("indices")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let axis = try node.axis(default: 0)
        let data = node.inputShape(0).dimensions
        if let indices = try indices(of: node) {
            for index in indices where !(0..<data[axis]).contains(index) {
                throw node.mismatch("index \(index) along axis \(axis) of \(Shape(data)) is out of range")
            }
        }
        return [Shape(data[..<axis] + node.inputShape(1).dimensions + data[(axis + 1)...])]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        guard [.int32, .int64].contains(node.inputDType(1)) else {
            throw node.dtypeMismatch("indices must be int64 or int32, not \(node.inputDType(1).rawValue)")
        }
        return [node.inputDType(0)]
    }

    /// The gathered axis itself goes on only where every entry is taken, in order.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let gathered = node.checkedAxis(default: 0)
        let shape = node.inputShape(0)
        let indexRank = node.inputShape(1).rank
        do {
            let takesAll = try indices(of: node) == Array(0..<shape[gathered]) && indexRank == 1
            return .links(
                shape.dimensions.indices.filter { $0 != gathered || takesAll }.map { axis in
                    AxisLink(.input(0, axis: axis), .output(0, axis: axis <= gathered ? axis : axis - 1 + indexRank))
                })
        } catch {
            return .opaque(error.message)
        }
    }

    /// Whoever takes every entry goes on taking every one.
    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        let axis = old.checkedAxis(default: 0)
        let (before, after) = (old.inputShape(0)[axis], new.inputShape(0)[axis])
        guard before != after, let indices = old.constant(1) else { return .unchanged }
        let entries = (0..<after).map { Int64($0) }
        let list = TensorData([after], entries)
        return NodeSettings(inputs: [1: indices.dtype == .int32 ? TensorData([after], entries.map(Int32.init)) : list])
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axis = node.checkedAxis(default: 0)
        let known = try indices(of: node)
        var calls = CallSequence()
        if let known, node.inputShape(1).rank == 0 {
            calls.append("aten::select", "int", .input(0), .int(axis), .int(known[0]))
            return calls.lowering
        }
        // Without the shape, which is given back at the end; and with negative indices counted from the start.
        let flat: ATenArgument
        if let known {
            flat = .constant(TensorData([known.count], known.map(Int64.init)))
        } else {
            let size = node.inputShape(0)[axis]
            let list = calls.append("aten::reshape", "", .input(1), .ints([node.inputShape(1).elementCount]))
            flat = calls.append("aten::remainder", "Scalar", list, .int(size))
        }
        let entries = calls.append("aten::index_select", "", .input(0), .int(axis), flat)
        if node.inputShape(1).rank != 1 {
            calls.append("aten::reshape", "", entries, .ints(node.outputShape(0).dimensions))
        }
        return calls.lowering
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        guard let data = node.constant(0), let indices = try indices(of: node) else { return nil }
        let entries = data.selecting(indices, alongAxis: node.checkedAxis(default: 0))
        return [entries.reshaped(to: try shapes(of: node)[0])]
    }

    static var examples: [OperatorExample] {
        let rows: [Int64] = [2, 0, -1, 1]
        return [
            OperatorExample([.weight([5, 3]), .data(TensorData([2, 2], rows))]),
            OperatorExample([[2, 4, 3, 3], .ints([3, 1, -4])], attributes: ["axis": .int(1)]),
            OperatorExample([[2, 3, 4], .constant(TensorData(scalar: Int64(-1)))], attributes: ["axis": .int(-1)]),
        ]
    }

    /// The indices, counted from the start, where they are known.
    private static func indices(of node: NodeContext) throws(GraphError) -> [Int]? {
        guard node.constant(1) != nil else { return nil }
        let size = node.inputShape(0)[node.checkedAxis(default: 0)]
        return try node.constantInts(1, called: "indices").map { $0 < 0 ? $0 + size : $0 }
    }
}
