/// Convolution of 8-bit integers into 8-bit integers: `[N, C, ...]` to `[N, M, ...]`.
///
/// ```
/// y = saturate(round((sum of (x - x_zero) · (w - w_zero) + B) · x_scale · w_scale / y_scale) + y_zero)
/// ```
struct QLinearConv: Operator {
    static let name = "QLinearConv"
    static let inputs: [InputSlot] = [
        .activation("x"), .setting("x_scale"), .setting("x_zero_point"), .weight("w"), .setting("w_scale"),
        .setting("w_zero_point"), .setting("y_scale"), .setting("y_zero_point"), .optional(.bias("B")),
    ]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let convolution = try Convolution(of: product(of: node))
        let outputs = node.inputShape(3)[0]
        for (slot, count) in [(1, 1), (2, 1), (4, outputs), (5, outputs), (6, 1), (7, 1)] {
            let shape = node.inputShape(slot)
            guard shape.elementCount == 1 || shape == [count] else {
                throw node.mismatch("\(inputs[slot].name) has shape \(shape); it must be one number or [\(count)]")
            }
        }
        if node.hasInput(8), node.inputShape(8) != [outputs] {
            throw node.mismatch("B has shape \(node.inputShape(8)); it must be [\(outputs)]")
        }
        return [convolution.outputShape]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        try IntegerOperand.checkDTypes(of: node.selecting([0, 3, 2, 5]), as: ConvInteger.self)
        _ = try floatingPointDType(of: node, slots: [1, 4, 6])
        let dtype = node.inputDType(7)
        guard dtype == .int8 || dtype == .uint8 else {
            throw node.dtypeMismatch("y_zero_point must be int8 or uint8, not \(dtype.rawValue)")
        }
        return [dtype]
    }

    /// The node as a convolution of its slots 0 and 3.
    private static func product(of node: NodeContext) -> NodeContext { node.selecting([0, 3]) }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let outputs = node.inputShape(3)[0]
        let lists = [4, 5, 8].filter { node.hasInput($0) && node.inputShape($0) == [outputs] }
        return Convolution.channelFlow(of: product(of: node), perOutput: [])
            .renamingInputs([0, 3])
            .adding(lists.map { AxisLink(.input(3, axis: 0), .input($0, axis: 0)) })
    }

    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        Convolution.settings(of: product(of: old), resizedTo: product(of: new))
    }

    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        slot == 3 ? ReductionAxis(1, of: node.inputShape(3)) : nil
    }

    static func cost(of node: NodeContext) -> Cost { Convolution.cost(of: product(of: node)) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let spatial = Array(repeating: 1, count: try node.spatialRank())
        var calls = CallSequence()
        let data = IntegerOperand(slot: 0, zeroPoint: 2).lower(node, in: &calls)
        let weight = IntegerOperand(slot: 3, zeroPoint: 5, zeroPointShape: [-1, 1] + spatial).lower(node, in: &calls)
        let bias = node.hasInput(8) ? calls.append("aten::to", "dtype", .input(8), .dtype(.float64)) : .none
        let sums = try Convolution(of: product(of: node)).lower(data, weight: weight, bias: bias, in: &calls)
        // Single precision from here on, as runtimes compute, so that ties fall the same way.
        func real(_ slot: Int, _ calls: inout CallSequence) -> ATenArgument {
            let number = calls.append("aten::to", "dtype", .input(slot), .dtype(.float32))
            let isList = node.inputShape(slot).elementCount != 1
            return calls.append("aten::reshape", "", number, .ints(isList ? [1, -1] + spatial : []))
        }
        let product = calls.append("aten::mul", "Tensor", real(1, &calls), real(4, &calls))
        let factor = calls.append("aten::div", "Tensor", product, real(6, &calls))
        let number = calls.append("aten::to", "dtype", sums, .dtype(.float32))
        let rounded = calls.append("aten::round", "", calls.append("aten::mul", "Tensor", number, factor))
        let shifted = calls.append("aten::add", "Tensor", rounded, real(7, &calls))
        calls.appendSaturation(of: shifted, to: node.inputDType(7))
        return calls.lowering
    }

    static var examples: [OperatorExample] {
        func scale(_ number: Float) -> OperatorExample.Input { .constant(TensorData(scalar: number)) }
        let image = TensorData([1, 2, 5, 5], (0..<50).map { UInt8(truncatingIfNeeded: $0 &* 37) })
        let clip = TensorData([1, 1, 3, 4, 4], (0..<48).map { UInt8(truncatingIfNeeded: $0 &* 53) })
        let weight = TensorData([3, 2, 3, 3], (0..<54).map { Int8(truncatingIfNeeded: $0 &* 29) })
        let clipWeight = TensorData([2, 1, 2, 2, 2], (0..<16).map { UInt8(truncatingIfNeeded: $0 &* 29) })
        let zero = OperatorExample.Input.constant(TensorData(scalar: UInt8(120)))
        return [
            OperatorExample(
                [
                    .data(image), scale(0.02), zero, .constant(weight),
                    .constant(TensorData([3], [0.01, 0.02, 0.005] as [Float])),
                    .constant(TensorData([3], [0, 0, 0] as [Int8])), scale(0.3), zero,
                    .constant(TensorData([3], [1000, -2000, 0] as [Int32])),
                ],
                attributes: ["pads": .ints([1, 1, 1, 1])]),
            OperatorExample([
                .data(clip), scale(0.02), zero, .constant(clipWeight), scale(0.01), zero, scale(0.2), zero,
            ]),
        ]
    }
}

extension NodeContext {
    /// The same node with only some of its inputs, in another order.
    fileprivate func selecting(_ slots: [Int]) -> NodeContext {
        NodeContext(
            node: node, inputTypes: slots.map { hasInput($0) ? inputTypes[$0] : nil },
            constants: slots.map { constant($0) }, outputTypes: outputTypes, mode: mode)
    }
}

extension ChannelFlow {
    /// The flow of a node that was seen with some of its inputs: `slots` are their places in the whole node.
    fileprivate func renamingInputs(_ slots: [Int]) -> ChannelFlow {
        func renamed(_ place: SlotAxis) -> SlotAxis {
            if case .input(let slot) = place.slot { .input(slots[slot], axis: place.axis) } else { place }
        }
        func renamed(_ links: [AxisLink]) -> [AxisLink] {
            links.map { AxisLink(renamed($0.source), renamed($0.target), $0.mapping) }
        }
        switch self {
        case .links(let links): return .links(renamed(links))
        case .partial(let links, let reason): return .partial(renamed(links), otherwise: reason)
        case .opaque: return self
        }
    }
}
