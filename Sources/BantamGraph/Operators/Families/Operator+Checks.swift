// Checks that many operators' definitions share.

extension Operator {
    /// The element type that the filled `slots` have in common.
    ///
    /// - Throws: `dtypeMismatch` when two differ.
    static func sharedDType(of node: NodeContext, slots: some Sequence<Int> = [0]) throws(GraphError) -> DType {
        var shared: (slot: Int, dtype: DType)?
        func slotName(_ slot: Int) -> String { inputs[min(slot, inputs.count - 1)].name }  // the last may be variadic
        for slot in slots where node.hasInput(slot) {
            let dtype = node.inputDType(slot)
            if let shared, shared.dtype != dtype {
                throw node.dtypeMismatch(
                    "\(slotName(slot)) is \(dtype.rawValue), but \(slotName(shared.slot)) is "
                        + "\(shared.dtype.rawValue); they must agree")
            }
            shared = shared ?? (slot, dtype)
        }
        guard let shared else { preconditionFailure("\(node.node.label) has none of the inputs it needs") }
        return shared.dtype
    }

    /// The floating-point type that the filled `slots` have in common.
    ///
    /// - Throws: `dtypeMismatch` when two differ, or the type holds integers.
    static func floatingPointDType(of node: NodeContext, slots: some Sequence<Int> = [0]) throws(GraphError) -> DType {
        let dtype = try sharedDType(of: node, slots: slots)
        guard dtype.isFloatingPoint else {
            throw node.dtypeMismatch("\(name) takes floating-point numbers, not \(dtype.rawValue)")
        }
        return dtype
    }

    /// Checks that each filled slot holds one number for each channel, axis 1 of input 0.
    static func checkOnePerChannel(slots: some Sequence<Int>, of node: NodeContext) throws(GraphError) {
        let input = node.inputShape(0)
        guard input.rank >= 2 else {
            throw node.mismatch("an input of shape \(input) has no channel axis; [N, C, ...] is needed")
        }
        for slot in slots where node.hasInput(slot) && node.inputShape(slot) != [input[1]] {
            throw node.mismatch(
                "\(inputs[slot].name) has shape \(node.inputShape(slot)); the input's \(input[1]) channels need "
                    + "[\(input[1])]")
        }
    }
}

extension NodeContext {
    /// An error that says which element types do not fit.
    func dtypeMismatch(_ reason: String) -> GraphError {
        GraphError(.dtypeMismatch, "\(reason).", location: ErrorLocation(node: node.label))
    }

    /// The number of spatial axes of input 0, which is `[N, C, ...]`.
    ///
    /// - Throws: when ATen has no kernels for so many.
    func spatialRank() throws(GraphError) -> Int {
        let rank = inputShape(0).rank - 2
        guard (1...3).contains(rank) else {
            throw unsupported(
                "an input of shape \(inputShape(0)), with \(max(rank, 0)) spatial axes instead of 1 to 3,")
        }
        return rank
    }
}

extension ChannelFlow {
    /// The named axes of input 0 are the same axes of output 0; the others are mixed.
    static func passThrough(axes: some Sequence<Int>) -> ChannelFlow {
        .links(axes.map { AxisLink(.input(0, axis: $0), .output(0, axis: $0)) })
    }

    /// This flow and more links. What is opaque stays opaque.
    func adding(_ links: [AxisLink]) -> ChannelFlow {
        switch self {
        case .links(let own): .links(own + links)
        case .partial(let own, let reason): .partial(own + links, otherwise: reason)
        case .opaque: self
        }
    }

    /// This flow with the reason why its unlinked axes cannot be followed.
    func refusing(_ reason: String) -> ChannelFlow {
        switch self {
        case .links(let links), .partial(let links, _): .partial(links, otherwise: reason)
        case .opaque: self
        }
    }
}

extension ChannelFlow {
    /// One operand that broadcasts to output 0: its axes of full size are the output's.
    static func broadcastLinks(_ node: NodeContext, slot: Int) -> [AxisLink] {
        let shape = node.inputShape(slot)
        let output = node.outputShape(0)
        let offset = output.rank - shape.rank
        return (0..<shape.rank).filter { shape[$0] == output[offset + $0] }
            .map { AxisLink(.input(slot, axis: $0), .output(0, axis: offset + $0)) }
    }
}
