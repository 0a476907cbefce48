/// `C = A / B`, elementwise, with broadcasting. Integers are divided toward zero.
struct Div: BinaryArithmetic {
    static let name = "Div"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        guard !node.inputDType(0).isFloatingPoint else {
            return [ATenCall("aten::div", overload: "Tensor", .input(0), .input(1))]
        }
        return [ATenCall("aten::div", overload: "Tensor_mode", .input(0), .input(1), .string("trunc"))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        try ElementwiseEvaluation.joining(
            node, integers: { ElementwiseEvaluation.exact($0.dividedReportingOverflow(by: $1)) }, floats: /)
    }

    static var examples: [OperatorExample] {
        let (dividend, divisor): ([Int64], [Int64]) = ([7, -7, 6, 5], [2, 2, -3, 5])
        return positiveExamples + [
            OperatorExample([.data(TensorData([4], dividend)), .data(TensorData([4], divisor))])
        ]
    }
}
