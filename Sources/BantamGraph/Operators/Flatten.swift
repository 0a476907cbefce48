/// Makes a matrix: the axes before `axis` become its rows, the others its columns.
struct Flatten: ShapeChange {
    static let name = "Flatten"
    static let inputs: [InputSlot] = [.activation("input")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let dimensions = node.inputShape(0).dimensions
        let axis = node.int("axis", default: 1)
        // Unlike other axes this one is a place between axes, so it may equal the rank.
        guard (-dimensions.count...dimensions.count).contains(axis) else {
            throw node.mismatch("axis \(axis) of a tensor of rank \(dimensions.count)")
        }
        let split = axis < 0 ? axis + dimensions.count : axis
        return [[dimensions[..<split].reduce(1, *), dimensions[split...].reduce(1, *)]]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5]]),
            OperatorExample([[2, 3, 2, 4, 5]], attributes: ["axis": .int(-3)]),
            OperatorExample([[2, 3]], attributes: ["axis": .int(0)]),
        ]
    }
}
