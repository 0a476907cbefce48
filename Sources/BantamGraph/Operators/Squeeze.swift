/// Removes axes of size 1: those in `axes` (an attribute up to opset 12, an input since), or else all.
struct Squeeze: ShapeChange {
    static let name = "Squeeze"
    static let inputs: [InputSlot] = [.activation("data"), .optional(.setting("axes"))]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let input = node.inputShape(0)
        guard let axes = try node.axes(rank: input.rank) else { return [Shape(input.dimensions.filter { $0 != 1 })] }
        for axis in axes where input[axis] != 1 {
            throw node.mismatch("axis \(axis) of \(input) has \(input[axis]) entries; only axes of size 1 can go")
        }
        return [Shape(input.dimensions.indices.filter { !axes.contains($0) }.map { input[$0] })]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 1, 1], .ints([2, 3])]),
            OperatorExample([[1, 3, 1, 5]], attributes: ["axes": .ints([-2])]),
            OperatorExample([[1, 3, 1, 5]]),
        ]
    }
}
