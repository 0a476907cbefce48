/// Whether each element is infinite; `detect_negative` and `detect_positive` limit this to one sign.
struct IsInf: UnaryArithmetic {
    static let name = "IsInf"
    static let function = "aten::isinf"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        _ = try floatingPointDType(of: node)
        return [.bool]
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let detectsNegative = node.int("detect_negative", default: 1) != 0
        let detectsPositive = node.int("detect_positive", default: 1) != 0
        switch (detectsNegative, detectsPositive) {
        case (true, true): return [ATenCall("aten::isinf", .input(0))]
        case (true, false): return [ATenCall("aten::isneginf", .input(0))]
        case (false, true): return [ATenCall("aten::isposinf", .input(0))]
        case (false, false): return [ATenCall("aten::zeros_like", .input(0), .dtype(.bool))]
        }
    }

    static var examples: [OperatorExample] {
        let numbers = OperatorExample.Input.data(TensorData([2, 2], [.infinity, 1, -.infinity, .nan] as [Float]))
        return [
            OperatorExample([numbers]), OperatorExample([numbers], attributes: ["detect_negative": .int(0)]),
            OperatorExample([numbers], attributes: ["detect_positive": .int(0)]),
        ]
    }
}
