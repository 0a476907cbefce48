/// Gives the elements another shape, in the same order.
///
/// In the target a 0 copies the input's dimension at that place (unless `allowzero` is set), and one -1 stands for
/// whatever is left.
struct Reshape: ShapeChange {
    static let name = "Reshape"
    static let inputs: [InputSlot] = [.activation("data"), .setting("shape")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        let target = try node.constantInts(1, called: "shape")
        var dimensions = target
        if node.int("allowzero", default: 0) == 0 {
            for axis in target.indices where target[axis] == 0 {
                guard axis < input.rank else { throw misfit(node, target) }
                dimensions[axis] = input[axis]
            }
        }
        let free = dimensions.indices.filter { dimensions[$0] == -1 }
        if free.count == 1 { dimensions[free[0]] = 1 }
        guard free.count <= 1, let count = Shape(dimensions).checkedElementCount else { throw misfit(node, target) }
        if free.count == 1, count > 0, input.elementCount.isMultiple(of: count) {
            dimensions[free[0]] = input.elementCount / count
        }
        let shape = Shape(dimensions)
        guard shape.checkedElementCount == input.elementCount else { throw misfit(node, target) }
        return [shape]
    }

    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        .outputSizes(slot: 1, of: old, resizedTo: new)
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5], .ints([2, -1])]),
            OperatorExample([[1, 6, 2, 4, 5], .ints([0, 2, 3, 2, 4, 5])]),
            OperatorExample([[2, 5, 12], .ints([0, 0, 3, 4])]),
            OperatorExample([[2, 1, 3], .ints([6])]),
        ]
    }

    private static func misfit(_ node: NodeContext, _ target: [Int]) -> GraphError {
        node.mismatch("\(node.inputShape(0)) cannot be reshaped to \(Shape(target))")
    }
}
