/// A tensor of the given shape, filled with one number: the attribute `value`, by default 0 in float32.
struct ConstantOfShape: KnownResult {
    static let name = "ConstantOfShape"
    static let inputs: [InputSlot] = [.setting("input")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        [try node.checkedShape(try node.constantInts(0, called: "input"))]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [try value(of: node).dtype] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall("aten::expand", .constant(try value(of: node)), .ints(node.outputShape(0).dimensions))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        let value = try value(of: node)
        return value.dtype.bitWidth < 8 ? nil : [value.expanded(to: try shapes(of: node)[0])]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([.ints([2, 3])]),
            OperatorExample([.ints([4])], attributes: ["value": .tensor(TensorData([1], [7 as Int64]))]),
        ]
    }

    /// A scalar.
    private static func value(of node: NodeContext) throws(GraphError) -> TensorData {
        guard case .tensor(let value)? = node.node.attributes["value"] else { return TensorData(scalar: 0 as Float) }
        guard value.elementCount == 1 else {
            throw node.mismatch("its value has shape \(value.shape), not one element")
        }
        return value.reshaped(to: .scalar)
    }
}
