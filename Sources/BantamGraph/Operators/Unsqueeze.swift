/// Inserts axes of size 1, at places counted in the result (an attribute up to opset 12, an input since).
struct Unsqueeze: ShapeChange {
    static let name = "Unsqueeze"
    static let inputs: [InputSlot] = [.activation("data"), .optional(.setting("axes"))]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        var remaining = node.inputShape(0).dimensions[...]
        let count = node.ints("axes")?.count ?? (node.hasInput(1) ? node.inputShape(1).elementCount : 0)
        let rank = remaining.count + count
        guard let axes = try node.axes(rank: rank) else { throw node.mismatch("it names no axes to insert") }
        return [Shape((0..<rank).map { axes.contains($0) ? 1 : remaining.removeFirst() })]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3], .ints([2, 3])]),
            OperatorExample([[3, 4]], attributes: ["axes": .ints([0, -1])]),
        ]
    }
}
