/// An 8-bit operand of `ConvInteger` or `MatMulInteger`, with its zero point.
///
/// ATen has no such products of integers. They are computed in float64, where every sum that fits int32 is exact.
struct IntegerOperand {
    let slot: Int
    let zeroPoint: Int
    /// How a list of zero points is laid out so that it broadcasts with the operand.
    var zeroPointShape: [Int] = []

    /// Checks that both operands hold 8-bit integers, and their zero points the same type.
    static func checkDTypes(of node: NodeContext, as operation: any Operator.Type) throws(GraphError) {
        for slot in 0...1 {
            let dtype = node.inputDType(slot)
            guard dtype == .int8 || dtype == .uint8 else {
                throw node.dtypeMismatch(
                    "\(operation.inputs[slot].name) must be int8 or uint8, not \(dtype.rawValue)")
            }
            guard node.hasInput(slot + 2), node.inputDType(slot + 2) != dtype else { continue }
            throw node.dtypeMismatch(
                "\(operation.inputs[slot + 2].name) is \(node.inputDType(slot + 2).rawValue), but "
                    + "\(operation.inputs[slot].name) is \(dtype.rawValue); they must agree")
        }
    }

    /// Appends the calls that make the operand, less its zero point, in float64.
    func lower(_ node: NodeContext, in calls: inout CallSequence) -> ATenArgument {
        let operand = calls.append("aten::to", "dtype", .input(slot), .dtype(.float64))
        guard node.hasInput(zeroPoint) else { return operand }
        let isList = node.inputShape(zeroPoint).elementCount != 1
        let zero = calls.append("aten::to", "dtype", .input(zeroPoint), .dtype(.float64))
        let laidOut = calls.append("aten::reshape", "", zero, .ints(isList ? zeroPointShape : []))
        return calls.append("aten::sub", "Tensor", operand, laidOut)
    }
}
