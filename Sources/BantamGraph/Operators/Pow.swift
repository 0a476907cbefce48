/// `Z = Xʸ`, elementwise, with broadcasting. The result has the base's type, whatever the exponent's.
struct Pow: BinaryArithmetic {
    static let name = "Pow"
    static let inputs: [InputSlot] = [.operand("X"), .operand("Y")]

    /// `0ʸ` is 0 where `y` is positive.
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        guard let exponents = node.constant(1)?.numbers, exponents.allSatisfy({ $0 > 0 }) else { return .never }
        return .whereAll([0])
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [node.inputDType(0)] }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] {
        constantExponent(of: node) == nil ? [.input(0), .input(1), .output(0)] : [.input(0)]
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        if let exponent = constantExponent(of: node) {
            return [ATenCall("aten::pow", overload: "Tensor_Scalar", .input(0), .double(Double(exponent)))]
        }
        var calls = CallSequence()
        let power = calls.append("aten::pow", "Tensor_Tensor", .input(0), .input(1))
        if node.inputDType(1) != node.inputDType(0) {
            calls.append("aten::to", "dtype", power, .dtype(node.inputDType(0)))
        }
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        positiveExamples + [OperatorExample([[2, 3, 4, 5], .constant(TensorData(scalar: 2 as Float))])]
    }

    /// The exponent, where it is one known number: the usual squares and cubes, which have a faster function.
    private static func constantExponent(of node: NodeContext) -> Float? {
        guard let exponent = node.constant(1), exponent.dtype == .float32, exponent.elementCount == 1,
            exponent.shape.rank <= node.inputShape(0).rank, node.inputDType(0).isFloatingPoint
        else { return nil }
        return exponent.elements(of: Float.self).first
    }
}
