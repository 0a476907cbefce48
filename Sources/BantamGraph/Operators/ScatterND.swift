/// The data with slices replaced, or joined with others by `reduction`: each row of the indices holds the first
/// coordinates of one.
struct ScatterND: Operator {
    static let name = "ScatterND"
    static let inputs: [InputSlot] = [.operand("data"), .activation("indices"), .operand("updates")]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0, 2]) }

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        let address = try SliceAddress(of: node)
        guard node.inputShape(2).dimensions == address.rows + address.slice else {
            throw node.mismatch(
                "updates has shape \(node.inputShape(2)); indices of shape \(node.inputShape(1)) need "
                    + "\(Shape(address.rows + address.slice))")
        }
        return [node.inputShape(0)]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        try node.checkIndices(1)
        return [try sharedDType(of: node, slots: [0, 2])]
    }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        do {
            let address = try SliceAddress(of: node)
            return .links(
                address.slice.indices.flatMap { place in
                    let axis = address.addressed.count + place
                    return [
                        AxisLink(.input(0, axis: axis), .output(0, axis: axis)),
                        AxisLink(.input(2, axis: address.rows.count + place), .output(0, axis: axis)),
                    ]
                })
        } catch {
            return .opaque(error.message)
        }
    }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(1)] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let address = try SliceAddress(of: node)
        let count = address.rows.reduce(1, *)
        var calls = CallSequence()
        let list = calls.append("aten::reshape", "", .input(0), .ints(address.listShape))
        let updates = calls.append("aten::reshape", "", .input(2), .ints([count, address.listShape[1]]))
        let column = calls.append("aten::reshape", "", address.positions(in: &calls), .ints([count, 1]))
        let indices = calls.append("aten::expand", "", column, .ints([count, address.listShape[1]]))
        let result = try ScatterReduction(of: node)
            .scatter(updates, onto: list, axis: 0, indices: indices, in: &calls)
        calls.append("aten::reshape", "", result, .ints(node.outputShape(0).dimensions))
        return calls.lowering
    }

    /// Exporters write masks this way: slices of a constant, replaced one after the other.
    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        guard node.string("reduction", default: "none") == "none", var data = node.constant(0),
            let updates = node.constant(2), node.constant(1) != nil, data.dtype.bitWidth >= 8
        else { return nil }
        let address = try SliceAddress(of: node)
        let indices = try node.constantInts(1, called: "indices")
        let sliceBytes = address.slice.reduce(1, *) * data.dtype.bitWidth / 8
        var starts: [Int] = []
        for row in 0..<address.rows.reduce(1, *) {
            var position = 0
            for (place, size) in address.addressed.enumerated() {
                let index = indices[row * address.addressed.count + place]
                guard (-size..<size).contains(index) else {
                    throw node.mismatch("index \(index) along axis \(place) of \(data.shape)")
                }
                position = position * size + (index < 0 ? index + size : index)
            }
            starts.append(position * sliceBytes)
        }
        updates.withUnsafeBytes { source in
            data.withUnsafeMutableBytes { target in
                for (row, start) in starts.enumerated() {
                    target[start..<start + sliceBytes].copyBytes(
                        from: source[row * sliceBytes..<(row + 1) * sliceBytes])
                }
            }
        }
        return [data]
    }

    static var examples: [OperatorExample] {
        let (rows, places): ([Int64], [Int64]) = ([2, 0], [0, 1, -1, 0, 0, 1])
        return [
            OperatorExample([[4, 3, 2], .data(TensorData([2, 1], rows)), [2, 3, 2]]),
            OperatorExample(
                [[3, 4], .data(TensorData([3, 2], places)), [3]], attributes: ["reduction": .string("add")]),
        ]
    }
}
