/// The remainder of a division, elementwise, with broadcasting.
///
/// It has the sign of the divisor, as in Python; with `fmod` set that of the dividend, as in C. ONNX asks for `fmod`
/// where the numbers are floating-point.
struct Mod: BinaryArithmetic {
    static let name = "Mod"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .input(1)] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        let dtype = try sharedDType(of: node, slots: 0..<2)
        guard followsDividend(node) || !dtype.isFloatingPoint else {
            throw node.dtypeMismatch("floating-point numbers need the attribute fmod = 1")
        }
        return [dtype]
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let function = followsDividend(node) ? "aten::fmod" : "aten::remainder"
        let dtype = node.inputDType(0)
        guard [.uint16, .uint32, .uint64].contains(dtype) else {
            return [ATenCall(function, overload: "Tensor", .input(0), .input(1))]
        }
        // ATen has no kernels for these. Numbers above 2^63, which int64 lacks, come out wrong.
        var calls = CallSequence()
        let operands = (0..<2).map { calls.append("aten::to", "dtype", .input($0), .dtype(.int64)) }
        let remainder = calls.append("aten::remainder", "Tensor", operands[0], operands[1])
        calls.append("aten::to", "dtype", remainder, .dtype(dtype))
        return calls.lowering
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        let followsDividend = followsDividend(node)
        return try ElementwiseEvaluation.joining(
            node,
            integers: { dividend, divisor in
                let (remainder, overflow) = dividend.remainderReportingOverflow(dividingBy: divisor)
                guard !overflow else { return nil }
                let isOfDivisorsSign = remainder == 0 || (remainder < 0) == (divisor < 0)
                return followsDividend || isOfDivisorsSign ? remainder : remainder + divisor
            },
            floats: { $0.truncatingRemainder(dividingBy: $1) })
    }

    static var examples: [OperatorExample] {
        let (dividend, divisor): ([Int64], [Int64]) = ([7, -7, 7, -7], [3, 3, -3, -3])
        let integers: [OperatorExample.Input] = [.data(TensorData([4], dividend)), .data(TensorData([4], divisor))]
        return [
            OperatorExample(integers), OperatorExample(integers, attributes: ["fmod": .int(1)]),
            OperatorExample([[2, 3, 4], .random([2, 3, 4], in: 0.2...0.5)], attributes: ["fmod": .int(1)]),
        ]
    }

    private static func followsDividend(_ node: NodeContext) -> Bool { node.int("fmod", default: 0) != 0 }
}
