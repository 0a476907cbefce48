// Elements chosen by tensors of indices: what the gathering and scattering operators have in common.

extension NodeContext {
    /// - Throws: `dtypeMismatch` unless the slot holds int64 or int32.
    func checkIndices(_ slot: Int) throws(GraphError) {
        guard [.int32, .int64].contains(inputDType(slot)) else {
            throw dtypeMismatch("indices must be int64 or int32, not \(inputDType(slot).rawValue)")
        }
    }
}

extension CallSequence {
    /// The indices in a slot as int64, counted from the start of an axis of `size` entries.
    mutating func indices(_ slot: Int, size: Int) -> ATenArgument {
        let indices = append("aten::to", "dtype", .input(slot), .dtype(.int64))
        return append("aten::remainder", "Scalar", indices, .int(max(size, 1)))
    }
}

/// How `GatherND` and `ScatterND` address slices of their data: input 1, `[..., K]`, holds in each row the first `K`
/// coordinates of a slice.
struct SliceAddress {
    /// Leading axes that data and indices share.
    let batchRank: Int
    /// The axes that a row of indices speaks of.
    let addressed: [Int]
    /// What is left of each slice.
    let slice: [Int]
    /// The indices' shape without the last axis.
    let rows: [Int]

    /// - Throws: `shapeMismatch` when a row has more coordinates than the data has axes.
    init(of node: NodeContext, batchRank: Int = 0) throws(GraphError) {
        let (data, indices) = (node.inputShape(0), node.inputShape(1))
        guard data.rank >= 1, indices.rank >= 1, let width = indices.dimensions.last, batchRank >= 0,
            batchRank < indices.rank, batchRank + width <= data.rank, width >= 1,
            data.dimensions.prefix(batchRank) == indices.dimensions.prefix(batchRank)
        else {
            throw node.mismatch(
                "indices of shape \(indices) do not address data of shape \(data)"
                    + (batchRank > 0 ? " with batch_dims \(batchRank)" : ""))
        }
        self.batchRank = batchRank
        addressed = Array(data.dimensions[batchRank..<batchRank + width])
        slice = Array(data.dimensions[(batchRank + width)...])
        rows = Array(indices.dimensions.dropLast())
    }

    private var batch: [Int] { Array(rows.prefix(batchRank)) }

    /// The data's shape as a list of slices: `[slices, elements]`.
    var listShape: [Int] { [batch.reduce(1, *) * addressed.reduce(1, *), slice.reduce(1, *)] }

    /// Appends the calls that make the position of each row's slice in that list, `[rows]`.
    func positions(in calls: inout CallSequence) -> ATenArgument {
        let count = addressed.count
        let indices = calls.append("aten::to", "dtype", .input(1), .dtype(.int64))
        let sizes = TensorData([count], addressed.map { Int64(max($0, 1)) })
        let fromStart = calls.append("aten::remainder", "Tensor", indices, .constant(sizes))
        let strides = TensorData([count], Shape(addressed).strides.map(Int64.init))
        let parts = calls.append("aten::mul", "Tensor", fromStart, .constant(strides))
        var position = calls.append("aten::sum", "dim_IntList", parts, .ints([-1]))
        if batchRank > 0 {
            let step = addressed.reduce(1, *)
            let shape = Shape(batch + Array(repeating: 1, count: rows.count - batchRank))
            let starts = TensorData(shape, (0..<shape.elementCount).map { Int64($0 * step) })
            position = calls.append("aten::add", "Tensor", position, .constant(starts))
        }
        return calls.append("aten::reshape", "", position, .ints([rows.reduce(1, *)]))
    }
}

/// What becomes of elements that are scattered onto others: the attribute `reduction`.
enum ScatterReduction: String {
    case none, add, mul, max, min

    init(of node: NodeContext) throws(GraphError) {
        let name = node.string("reduction", default: Self.none.rawValue)
        guard let reduction = Self(rawValue: name) else { throw node.unsupported("the reduction \(name)") }
        self = reduction
    }

    /// Scatters `updates` onto `data` along an axis; `indices` has their shape.
    @discardableResult
    func scatter(
        _ updates: ATenArgument, onto data: ATenArgument, axis: Int, indices: ATenArgument,
        in calls: inout CallSequence
    ) -> ATenArgument {
        func reduce(_ name: String, _ calls: inout CallSequence) -> ATenArgument {
            calls.append("aten::scatter_reduce", "two", data, .int(axis), indices, updates, .string(name))
        }
        switch self {
        case .none: return calls.append("aten::scatter", "src", data, .int(axis), indices, updates)
        case .add: return calls.append("aten::scatter_add", "", data, .int(axis), indices, updates)
        case .mul: return reduce("prod", &calls)
        case .max: return reduce("amax", &calls)
        case .min: return reduce("amin", &calls)
        }
    }
}
