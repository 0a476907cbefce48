/// Turns each index into a vector along a new axis, with `values[1]` at its place and `values[0]` elsewhere.
///
/// Negative indices count from the end; those out of range give a vector without a place.
struct OneHot: Operator {
    static let name = "OneHot"
    static let inputs: [InputSlot] = [.activation("indices"), .setting("depth"), .operand("values")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        guard node.inputShape(2) == [2] else {
            throw node.mismatch("values has shape \(node.inputShape(2)); it must hold two numbers")
        }
        var dimensions = node.inputShape(0).dimensions
        dimensions.insert(try depth(of: node), at: try axis(of: node))
        return [try node.checkedShape(dimensions)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [node.inputDType(2)] }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let axis = try axis(of: node)
            return .links(
                node.inputShape(0).dimensions.indices.map {
                    AxisLink(.input(0, axis: $0), .output(0, axis: $0 < axis ? $0 : $0 + 1))
                })
        } catch {
            return .opaque(error.message)
        }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let (axis, depth) = (try axis(of: node), try depth(of: node))
        var places = Shape(Array(repeating: 1, count: node.inputShape(0).rank + 1))
        places[axis] = depth
        var calls = CallSequence()
        let indices = calls.append("aten::to", "dtype", .input(0), .dtype(.int64))
        let isNegative = calls.append("aten::lt", "Scalar", indices, .int(0))
        let shifted = calls.append("aten::add", "Scalar", indices, .int(depth))
        let fromStart = calls.append("aten::where", "self", isNegative, shifted, indices)
        let column = calls.append("aten::unsqueeze", "", fromStart, .int(axis))
        let range = TensorData(places, (0..<depth).map { Int64($0) })
        let isPlace = calls.append("aten::eq", "Tensor", column, .constant(range))
        let off = calls.append("aten::select", "int", .input(2), .int(0), .int(0))
        let on = calls.append("aten::select", "int", .input(2), .int(0), .int(1))
        calls.append("aten::where", "self", isPlace, on, off)
        return calls.lowering
    }

    private static func axis(of node: NodeContext) throws(GraphError) -> Int {
        try node.axis(node.int("axis", default: -1), rank: node.inputShape(0).rank + 1)
    }

    /// ONNX allows any type of number.
    private static func depth(of node: NodeContext) throws(GraphError) -> Int {
        guard let data = node.constant(1) else { throw GraphError.dynamicSetting("depth", of: node.node) }
        let numbers =
            if let doubles = data.doubles() { doubles } else {
                try node.constantInts(1, called: "depth").map(Double.init)
            }
        guard numbers.count == 1, let depth = Int(exactly: numbers[0]), depth >= 0 else {
            throw node.mismatch("depth is \(numbers); it must be one whole number")
        }
        return depth
    }

    static var examples: [OperatorExample] {
        let (first, second, third): ([Int64], [Int64], [Float]) = ([0, 3, -1, 7], [1, 0, -2, 2, 4, 1], [0, 1])
        let values = OperatorExample.Input.constant(TensorData([2], third))
        return [
            OperatorExample([.data(TensorData([4], first)), .constant(TensorData(scalar: Int64(5))), values]),
            OperatorExample(
                [.data(TensorData([2, 3], second)), .ints([4]), values], attributes: ["axis": .int(1)]),
        ]
    }
}
