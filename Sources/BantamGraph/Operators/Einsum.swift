/// Sums products of tensors along named axes: see ``EinsumEquation``.
struct Einsum: Operator {
    static let name = "Einsum"
    static let inputs: [InputSlot] = [.variadic(.operand("Inputs"))]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        .whereAny(Array(node.node.inputs.indices))
    }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [try EinsumEquation(of: node).shape] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try sharedDType(of: node, slots: 0..<node.inputCount)]
    }

    /// Axes of one name are one.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let equation = try EinsumEquation(of: node)
            var first: [EinsumEquation.Axis: SlotAxis] = [:]
            var links: [AxisLink] = []
            func visit(_ name: EinsumEquation.Axis, _ place: SlotAxis, size: Int) {
                guard size == equation.sizes[name] else { return }  // It broadcasts.
                if let first = first[name] { links.append(AxisLink(first, place)) } else { first[name] = place }
            }
            for (slot, names) in equation.operands.enumerated() {
                for (axis, name) in names.enumerated() {
                    visit(name, .input(slot, axis: axis), size: node.inputShape(slot)[axis])
                }
            }
            for (axis, name) in equation.result.enumerated() {
                visit(name, .output(0, axis: axis), size: node.outputShape(0)[axis])
            }
            return .links(links)
        } catch {
            return .opaque(error.message)
        }
    }

    static func cost(of node: NodeContext) -> Cost {
        do { return Cost(macs: try EinsumEquation(of: node).products) } catch { return .free }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { node.node.inputs.indices.map { .input($0) } }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let operands = (0..<node.inputCount).map { ATenArgument.input($0) }
        return [ATenCall("aten::einsum", .string(node.string("equation", default: "")), .tensors(operands))]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4], [2, 4, 5]], attributes: ["equation": .string("bij, bjk -> bik")]),
            OperatorExample([[2, 4, 3, 5], [2, 6, 3, 5]], attributes: ["equation": .string("nqhd,nkhd->nhqk")]),
            OperatorExample([[3, 4], [4, 2]], attributes: ["equation": .string("ij,jk")]),
            OperatorExample([[2, 3, 4], [4, 5]], attributes: ["equation": .string("...j,jk->...k")]),
            OperatorExample([[1, 2, 3, 4, 4]], attributes: ["equation": .string("ncthh->nct")]),
        ]
    }
}
