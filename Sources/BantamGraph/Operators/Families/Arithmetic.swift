// The operators that compute each output element from the input elements at the same place. What they share stands
// here; the file of each holds what is its own.

/// An elementwise operator of one input.
protocol UnaryArithmetic: Operator {
    /// The ATen function, such as `"aten::sqrt"`.
    static var function: String { get }
    /// Whether ONNX allows integers.
    static var acceptsIntegers: Bool { get }
}

extension UnaryArithmetic {
    static var acceptsIntegers: Bool { false }
    static var inputs: [InputSlot] { [.activation("X")] }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [node.inputShape(0)] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [acceptsIntegers ? node.inputDType(0) : try floatingPointDType(of: node)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(node) }
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering { [ATenCall(function, .input(0))] }
    static var examples: [OperatorExample] { [OperatorExample([[2, 3, 4, 5]]), OperatorExample([[1, 2, 3, 4, 5]])] }

    /// Samples for functions that are defined for positive numbers.
    static var positiveExamples: [OperatorExample] {
        [
            OperatorExample([.random([2, 3, 4], in: 0.1...4)]),
            OperatorExample([.random([1, 2, 2, 3, 3], in: 0.5...2)]),
        ]
    }
}

/// An elementwise operator of two inputs, which broadcast.
protocol BinaryArithmetic: Operator {}

extension BinaryArithmetic {
    static var inputs: [InputSlot] { [.operand("A"), .operand("B")] }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [try node.broadcastShape(of: 0..<2)] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try sharedDType(of: node, slots: 0..<2)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .broadcast(node) }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5], [2, 3, 4, 5]]),
            OperatorExample([[2, 3, 4, 5], .weight([3, 1, 1])]),
            OperatorExample([[1, 2, 3, 4, 5], [1, 2, 1, 1, 1]]),
            OperatorExample([[4], [2, 3, 1]]),
        ]
    }

    /// Samples for operators that need a positive second operand.
    static var positiveExamples: [OperatorExample] {
        [
            OperatorExample([.random([2, 3, 4], in: 0.1...4), .random([2, 3, 4], in: 0.5...2)]),
            OperatorExample([.random([1, 2, 2, 3, 3], in: 0.1...4), .random([2, 1, 1, 1], in: 0.5...2)]),
        ]
    }
}

/// `C[i] = A[i] ? B[i]`: compares two tensors, which broadcast, element by element.
protocol Comparison: BinaryArithmetic {
    /// The ATen function of overload `Tensor`, such as `"aten::eq"`.
    static var function: String { get }
    static func holds(_ left: Int64, _ right: Int64) -> Bool
    static func holds(_ left: Float, _ right: Float) -> Bool
}

extension Comparison {
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        _ = try sharedDType(of: node, slots: 0..<2)
        return [.bool]
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall(function, overload: "Tensor", .input(0), .input(1))]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        try ElementwiseEvaluation.compare(node, integers: holds, floats: holds)
    }

    static var examples: [OperatorExample] {
        let left: [Int64] = [0, 1, 2, 3, 4, 5]
        let right: [Int64] = [5, 1, 2]
        return [
            OperatorExample([[2, 3, 4, 5], [3, 1, 1]]),
            OperatorExample([.data(TensorData([2, 3], left)), .data(TensorData([3], right))]),
        ]
    }
}

extension Operator {
    /// - Throws: `dtypeMismatch` unless the slots hold booleans.
    static func booleanDType(of node: NodeContext, slots: some Sequence<Int> = [0]) throws(GraphError) -> DType {
        for slot in slots where node.inputDType(slot) != .bool {
            throw node.dtypeMismatch("\(inputs[slot].name) must be bool, not \(node.inputDType(slot).rawValue)")
        }
        return .bool
    }
}

/// An operator on two tensors of booleans, which broadcast.
protocol LogicalOperator: BinaryArithmetic {
    /// The ATen function, such as `"aten::logical_and"`.
    static var function: String { get }
}

extension LogicalOperator {
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try booleanDType(of: node, slots: 0..<2)]
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        [ATenCall(function, .input(0), .input(1))]
    }

    static var examples: [OperatorExample] {
        let left = [true, true, false, false]
        return [OperatorExample([.data(TensorData([2, 2], left)), .data(TensorData([2], [true, false]))])]
    }
}

/// An elementwise operator of any number of inputs, which broadcast: applied to the first two, then to the result and
/// the third, and so on.
protocol VariadicArithmetic: Operator {
    /// The ATen call that joins two operands.
    static func joining(_ left: ATenArgument, _ right: ATenArgument) -> ATenCall
}

extension VariadicArithmetic {
    static var inputs: [InputSlot] { [.variadic(.operand("data"))] }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        [try node.broadcastShape(of: 0..<node.inputCount)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try sharedDType(of: node, slots: 0..<node.inputCount)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .broadcast(node) }

    static func cost(of node: NodeContext) -> Cost {
        Cost(elementwise: node.outputElements(0) * max(node.inputCount - 1, 1))
    }

    /// The calls that join all inputs; none for a single input.
    static func joinedInputs(of node: NodeContext) -> [ATenCall] {
        (1..<max(node.inputCount, 1)).map { joining($0 == 1 ? .input(0) : .result($0 - 2), .input($0)) }
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let calls = joinedInputs(of: node)
        return calls.isEmpty ? .alias(.input(0)) : Lowering(calls)
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5], [2, 3, 4, 5]]),
            OperatorExample([[2, 3, 4, 5], [3, 1, 1], [5]]),
            OperatorExample([[1, 2, 3, 4, 5]]),
        ]
    }
}
