/// Takes every `step`-th element from `start` up to `end`, along each of the given axes.
struct Slice: Movement {
    static let name = "Slice"
    static let inputs: [InputSlot] = [
        .activation("data"), .setting("starts"), .setting("ends"), .optional(.setting("axes")),
        .optional(.setting("steps")),
    ]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        [Shape(try selections(of: node).map(\.count))]
    }

    /// An axis of which every second element is taken, or the elements in reverse, cannot be followed.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            return .links(
                try selections(of: node).enumerated().compactMap { axis, selection in
                    guard selection.step == 1, selection.count > 0 else { return nil }
                    return AxisLink(
                        .output(0, axis: axis), .input(0, axis: axis),
                        selection.isWhole(of: node.inputShape(0)[axis]) ? .same : .offset(selection.start))
                })
        } catch {
            return .opaque(error.message)
        }
    }

    /// Along an axis that has lost channels, the part that is taken begins behind those that stay in front of it.
    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        let shape = old.inputShape(0)
        var starts = try old.constantInts(1, called: "starts").map(Int64.init)
        var ends = try old.constantInts(2, called: "ends").map(Int64.init)
        let selections = try selections(of: old)
        let axes = try old.axes(slot: 3, rank: shape.rank) ?? Array(starts.indices)
        var isChanged = false
        for (entry, axis) in axes.enumerated() where !selections[axis].isWhole(of: shape[axis]) {
            let inputs = new.remaining(.input(0, axis: axis), of: shape[axis])
            guard inputs.count < shape[axis] else { continue }
            let outputs = new.remaining(.output(0, axis: axis), of: selections[axis].count)
            let start = inputs.count { $0 < selections[axis].start }
            starts[entry] = Int64(start)
            ends[entry] = Int64(start + outputs.count)
            isChanged = true
        }
        guard isChanged else { return .unchanged }
        return NodeSettings(
            inputs: [1: TensorData([starts.count], starts), 2: TensorData([ends.count], ends)])
    }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        var calls = CallSequence()
        var result = ATenArgument.input(0)
        for (axis, selection) in try selections(of: node).enumerated() {
            let size = node.inputShape(0)[axis]
            guard !selection.isWhole(of: size) else { continue }
            var (start, step) = (selection.start, selection.step)
            // ATen steps forward only.
            if step < 0 {
                result = calls.append("aten::flip", "", result, .ints([axis]))
                (start, step) = (size - 1 - start, -step)
            }
            // What lies behind the last element taken, so that an empty selection stays empty.
            let end = selection.count == 0 ? start : start + (selection.count - 1) * step + 1
            result = calls.append("aten::slice", "Tensor", result, .int(axis), .int(start), .int(end), .int(step))
        }
        return calls.calls.isEmpty ? .alias(.input(0)) : calls.lowering
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        guard let data = node.movableConstant(0) else { return nil }
        let selections = try selections(of: node)
        let strides = data.shape.strides
        let offset = zip(selections, strides).reduce(0) { $0 + $1.0.start * $1.1 }
        let shape = Shape(selections.map(\.count))
        let steps = zip(selections, strides).map { $0.step * $1 }
        return [data.selecting(shape.positions(strides: steps, offset: offset), shape: shape)]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[4, 6, 5], .ints([1, 0]), .ints([3, 5]), .ints([0, 1]), .ints([1, 2])]),
            OperatorExample([[2, 3, 4, 5], .ints([-2]), .ints([Int.max]), .ints([-1])]),
            OperatorExample([[1, 2, 6, 3, 3], .ints([-1]), .ints([Int.min]), .ints([2]), .ints([-2])]),
            OperatorExample([[4, 5], .ints([0, 1]), .ints([4, 9])]),
        ]
    }

    /// What is taken along one axis.
    private struct Selection {
        var start: Int
        var step: Int
        var count: Int

        func isWhole(of size: Int) -> Bool { start == 0 && step == 1 && count == size }

        /// Clamps the bounds to the axis, as ONNX says: they may lie far outside of it.
        init(start: Int, end: Int, step: Int, size: Int) {
            let first = start < 0 ? start + size : start
            let last = end < 0 ? end + size : end
            let isForward = step > 0
            let from = min(max(first, 0), isForward ? size : size - 1)
            let to = min(max(last, isForward ? 0 : -1), isForward ? size : size - 1)
            let distance = isForward ? to - from : from - to
            let isEmpty = distance <= 0 || size == 0
            self.start = isEmpty ? 0 : from
            self.count = isEmpty ? 0 : Int((distance.magnitude - 1) / step.magnitude) + 1
            // A step beyond the axis takes one element, like any other that is large enough.
            self.step = min(max(step, -max(size, 1)), max(size, 1))
        }
    }

    /// One selection for each axis of the input.
    private static func selections(of node: NodeContext) throws(GraphError) -> [Selection] {
        let shape = node.inputShape(0)
        var selections = shape.dimensions.map { Selection(start: 0, end: $0, step: 1, size: $0) }
        let starts = try node.constantInts(1, called: "starts")
        let ends = try node.constantInts(2, called: "ends")
        let steps = node.hasInput(4) ? try node.constantInts(4, called: "steps") : starts.map { _ in 1 }
        let axes = try node.axes(slot: 3, rank: shape.rank) ?? Array(starts.indices)
        guard ends.count == starts.count, steps.count == starts.count, axes.count == starts.count,
            axes.allSatisfy({ $0 < shape.rank })
        else {
            throw node.mismatch(
                "starts \(starts), ends \(ends), axes \(axes) and steps \(steps) do not describe a slice of \(shape)")
        }
        for (index, axis) in axes.enumerated() {
            guard steps[index] != 0 else { throw node.mismatch("the step along axis \(axis) is 0") }
            selections[axis] = Selection(
                start: starts[index], end: ends[index], step: steps[index], size: shape[axis])
        }
        return selections
    }
}
