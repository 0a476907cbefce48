/// Limits each element to `min ... max`, either of which may be left out. Relu6 is `Clip(x, 0, 6)`.
struct Clip: Operator {
    static let name = "Clip"
    static let inputs: [InputSlot] = [.activation("input"), .optional(.setting("min")), .optional(.setting("max"))]

    /// Zero must lie within the limits, which must be known.
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        let lower = node.hasInput(1) ? node.constant(1)?.numbers.first : -Double.infinity
        let upper = node.hasInput(2) ? node.constant(2)?.numbers.first : Double.infinity
        guard let lower, let upper else { return .never }
        return lower <= 0 && upper >= 0 ? .whereAll([0]) : .never
    }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        for slot in 1...2 where node.hasInput(slot) && node.inputShape(slot).elementCount != 1 {
            throw node.mismatch("\(inputs[slot].name) has shape \(node.inputShape(slot)); it must be one number")
        }
        return [node.inputShape(0)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try sharedDType(of: node, slots: 0...2)]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow { .passThrough(axes: 0..<node.inputShape(0).rank) }

    static func quantization(of node: NodeContext) -> QuantizationRole { .integer(inputs: [.activation]) }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        guard node.hasInput(1) || node.hasInput(2) else { return .alias(.input(0)) }
        let limits = (1...2).map { slot in node.hasInput(slot) ? number(node.constant(slot)) : ATenArgument.none }
        if let lower = limits[0], let upper = limits[1] { return [ATenCall("aten::clamp", .input(0), lower, upper)] }
        let tensors = (1...2).map { node.hasInput($0) ? ATenArgument.input($0) : .none }
        return [ATenCall("aten::clamp", overload: "Tensor", .input(0), tensors[0], tensors[1])]
    }

    /// A constant limit as a number, which ATen handles faster than a tensor; `nil` for one that is computed, or of
    /// a rare type.
    private static func number(_ data: TensorData?) -> ATenArgument? {
        switch data?.dtype {
        case .float32: data?.elements(of: Float.self).first.map { .double(Double($0)) }
        case .float64: data?.elements(of: Double.self).first.map { .double($0) }
        case .int64: data?.elements(of: Int64.self).first.map { .int(Int($0)) }
        case .int32: data?.elements(of: Int32.self).first.map { .int(Int($0)) }
        default: nil
        }
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        let limits = (1...2).map { slot in node.hasInput(slot) ? number(node.constant(slot)) : ATenArgument.none }
        guard limits.allSatisfy({ $0 != nil }) else { return nil }
        func limited<Number: Comparable>(_ number: Number, _ value: (ATenArgument?) -> Number?) -> Number {
            let raised = value(limits[0]).map { max(number, $0) } ?? number
            return value(limits[1]).map { min(raised, $0) } ?? raised
        }
        return ElementwiseEvaluation.unary(
            node, integers: { limited($0) { if case .int(let limit)? = $0 { Int64(limit) } else { nil } } },
            floats: { limited($0) { if case .double(let limit)? = $0 { Float(limit) } else { nil } } })
    }

    static var examples: [OperatorExample] {
        let (zero, six) = (TensorData(scalar: Float(0)), TensorData(scalar: Float(6)))
        return [
            OperatorExample([.random([2, 3, 4, 5], in: -9...9), .constant(zero), .constant(six)]),
            OperatorExample([[2, 3, 2, 4, 5], .absent, .constant(TensorData(scalar: Float(0.5)))]),
            OperatorExample([[2, 3], .constant(TensorData(scalar: Float(-0.25)))]),
        ]
    }
}
