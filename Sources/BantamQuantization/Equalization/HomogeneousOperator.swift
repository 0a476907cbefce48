import BantamGraph
import BantamLayerwise

/// A node for which `f(s x) = s f(x)` holds for all `s > 0`, channel by channel: what it says about factors.
struct HomogeneousOperator {
    /// How channels travel between the operands and the results.
    private(set) var links: [AxisLink] = []
    /// The slots that must be multiplied along with the results.
    private(set) var operands: Set<Int> = [0]
    /// Constants that are added, and so multiplied too.
    private(set) var offsets: Set<ValueID> = []
    /// Slots of constants that hold zeros, which no factor changes.
    private var zeros: Set<Int> = []

    func isZero(_ slot: Int) -> Bool { zeros.contains(slot) }

    /// Homogeneous in input 0; what else they read are settings, or slopes.
    private static let unary: Set<String> = [
        "Abs", "AveragePool", "DepthToSpace", "Dropout", "Expand", "Flatten", "GlobalAveragePool", "GlobalLpPool",
        "GlobalMaxPool", "Identity", "LeakyRelu", "LpPool", "MaxPool", "Neg", "PRelu", "ReduceL1", "ReduceL2",
        "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "Relu", "Reshape", "Slice", "SpaceToDepth", "Split",
        "Squeeze", "Tile", "Transpose", "Unsqueeze",
    ]
    /// Homogeneous in all inputs together.
    private static let joining: Set<String> = ["Add", "Concat", "Max", "Min", "Sub", "Sum"]
    private static let adding: Set<String> = ["Add", "Sub", "Sum"]
    /// What a product is usually gated by: values whose size means something.
    private static let gates: Set<String> = ["Clip", "HardSigmoid", "Sigmoid", "Softmax", "Tanh"]

    /// - Returns: `nil` for a node of which nothing of the kind is known.
    init?(_ node: Node, in scope: QuantizationScope) {
        guard node.domain.isEmpty,
            let definition = Operators.definition(named: node.operatorName, domain: node.domain)
        else { return nil }
        let context = scope.context(of: node)
        switch node.operatorName {
        case "Clip": guard Self.isRelu(context) else { return nil }
        case "Pad": guard Self.padsWithZeros(context) else { return nil }
        case "Resize":
            let mode = context.string("coordinate_transformation_mode", default: "half_pixel")
            guard mode != "tf_crop_and_resize" else { return nil }
        case "Mul", "Div":
            guard let slot = Self.scaledOperand(of: node, in: scope) else { return nil }
            operands = [slot]
        case let name where Self.joining.contains(name):
            operands = Set(node.inputs.indices)
            for (slot, value) in node.filledInputs where scope.isConstant(value) {
                if scope.graph.constants[value]?.isZero ?? false {
                    zeros.insert(slot)
                } else if Self.adding.contains(name), scope.isOwnFloat(value) {
                    offsets.insert(value)
                }
            }
        case let name where Self.unary.contains(name): break
        default: return nil
        }
        let (operands, offsets) = (operands, offsets)
        func carries(_ slotAxis: SlotAxis) -> Bool {
            guard case .input(let slot) = slotAxis.slot else { return true }
            guard operands.contains(slot), slot < node.inputs.count, let value = node.inputs[slot] else { return false }
            return !scope.isConstant(value) || offsets.contains(value)
        }
        links = definition.channelFlow(of: context).links.filter { carries($0.source) && carries($0.target) }
    }

    /// Whether the only bound is a lower one of zero.
    private static func isRelu(_ context: NodeContext) -> Bool {
        func bound(_ slot: Int, _ attribute: String) -> Double?? {
            if context.hasInput(slot) { return context.constant(slot).map { $0.doubles()?.first } ?? .some(nil) }
            if case .float(let value)? = context.node.attributes[attribute] { return Double(value) }
            return .none
        }
        let upper = bound(2, "max")
        guard upper == .none || (upper ?? nil) == .infinity else { return false }
        return (bound(1, "min") ?? nil) == 0
    }

    private static func padsWithZeros(_ context: NodeContext) -> Bool {
        guard context.string("mode", default: "constant") == "constant" else { return true }
        if context.hasInput(2) { return context.constant(2)?.isZero ?? false }
        return context.float("value", default: 0) == 0
    }

    /// The factor whose channels may be multiplied: the one beside a constant or a gate.
    private static func scaledOperand(of node: Node, in scope: QuantizationScope) -> Int? {
        let inputs = node.filledInputs
        guard inputs.count == 2, inputs[0].value != inputs[1].value else { return nil }
        if node.operatorName == "Div" { return scope.isConstant(inputs[1].value) ? 0 : nil }
        let computed = inputs.filter { !scope.isConstant($0.value) }
        if computed.count == 1 { return computed[0].slot }
        let free = computed.filter { input in
            !(scope.graph.producer(of: input.value).map { gates.contains($0.operatorName) } ?? false)
        }
        return free.count == 1 ? free[0].slot : nil
    }
}

extension TensorData {
    /// Whether all elements are the number zero.
    fileprivate var isZero: Bool { doubles()?.allSatisfy { $0 == 0 } ?? false }
}
