/// What `MatMul` and `MatMulInteger` have in common: NumPy's matrix product, with batches that broadcast.
///
/// ```
/// [..., M, K] x [..., K, N] = [..., M, N]
/// ```
///
/// An operand of rank 1 is a row on the left and a column on the right, and its axis of size 1 is dropped.
struct MatrixProduct {
    let left: Shape
    let right: Shape
    let output: Shape

    /// - Throws: `shapeMismatch` when the inner sizes differ or the batches do not broadcast.
    init(of node: NodeContext) throws(GraphError) {
        left = node.inputShape(0)
        right = node.inputShape(1)
        guard left.rank >= 1, right.rank >= 1 else {
            throw node.mismatch("\(left) and \(right) are not both vectors or matrices")
        }
        let innerLeft = left[left.rank - 1]
        let innerRight = right[max(right.rank - 2, 0)]
        guard innerLeft == innerRight else {
            throw node.mismatch("\(left) x \(right): the inner sizes \(innerLeft) and \(innerRight) differ")
        }
        guard let batch = Self.batch(left).broadcast(with: Self.batch(right)) else {
            throw node.mismatch("\(left) x \(right): the batches do not broadcast")
        }
        let rows = left.rank >= 2 ? [left[left.rank - 2]] : []
        let columns = right.rank >= 2 ? [right[right.rank - 1]] : []
        output = Shape(batch.dimensions + rows + columns)
    }

    private static func batch(_ shape: Shape) -> Shape { Shape(shape.dimensions.dropLast(2)) }

    static func cost(of node: NodeContext) -> Cost {
        Cost(macs: node.outputElements(0) * (node.inputShape(0).dimensions.last ?? 1))
    }

    /// - Parameters:
    ///   - perRow: Slots that hold one number for each row of the left operand.
    ///   - perColumn: Slots that hold one number for each column of the right operand.
    /// The last axis of the left matrix, the last but one of the right, and the only one of a vector.
    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? {
        guard slot <= 1 else { return nil }
        let shape = node.inputShape(slot)
        return ReductionAxis(slot == 0 ? shape.rank - 1 : max(shape.rank - 2, 0), of: shape)
    }

    static func channelFlow(of node: NodeContext, perRow: [Int] = [], perColumn: [Int] = []) -> ChannelFlow {
        let (left, right, output) = (node.inputShape(0), node.inputShape(1), node.outputShape(0))
        let hasRows = left.rank >= 2
        let hasColumns = right.rank >= 2
        var links = [AxisLink(.input(0, axis: left.rank - 1), .input(1, axis: max(right.rank - 2, 0)))]
        if hasRows {
            let rows = SlotAxis.input(0, axis: left.rank - 2)
            links.append(AxisLink(rows, .output(0, axis: output.rank - (hasColumns ? 2 : 1))))
            links += perRow.map { AxisLink(rows, .input($0, axis: 0)) }
        }
        if hasColumns {
            let columns = SlotAxis.input(1, axis: right.rank - 1)
            links.append(AxisLink(columns, .output(0, axis: output.rank - 1)))
            links += perColumn.map { AxisLink(columns, .input($0, axis: 0)) }
        }
        let batchRank = output.rank - (hasRows ? 1 : 0) - (hasColumns ? 1 : 0)
        for (slot, shape) in [left, right].enumerated() where shape.rank > 2 {
            let offset = batchRank - (shape.rank - 2)
            for axis in 0..<shape.rank - 2 where shape[axis] == output[offset + axis] {
                links.append(AxisLink(.input(slot, axis: axis), .output(0, axis: offset + axis)))
            }
        }
        return .links(links)
    }
}
