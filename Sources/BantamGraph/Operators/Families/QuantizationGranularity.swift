/// How many elements share one scale in `QuantizeLinear` and `DequantizeLinear`.
enum QuantizationGranularity: Equatable {
    case perTensor
    /// One scale for each index along the axis.
    case perAxis(Int)
    /// One scale for each run of `size` elements along the axis (opset 21).
    case perBlock(axis: Int, size: Int)

    /// Reads it off the shapes of data (input 0), scale (1) and zero point (2).
    ///
    /// - Throws: `shapeMismatch` when the scale does not fit the data, or the zero point the scale.
    init(of node: NodeContext) throws(GraphError) {
        let (data, scale) = (node.inputShape(0), node.inputShape(1))
        if node.hasInput(2), node.inputShape(2).elementCount != scale.elementCount {
            throw node.mismatch("the zero point \(node.inputShape(2)) has another shape than the scale \(scale)")
        }
        let blockSize = node.int("block_size", default: 0)
        if blockSize > 0 {
            let axis = try node.axis(default: 1)
            var expected = data
            expected[axis] = (data[axis] + blockSize - 1) / blockSize
            guard scale == expected else {
                throw node.mismatch(
                    "the scale \(scale) must be \(expected) for blocks of \(blockSize) along axis \(axis)")
            }
            self = .perBlock(axis: axis, size: blockSize)
        } else if scale.rank <= 1, scale.elementCount == 1 {
            self = .perTensor
        } else {
            let axis = try node.axis(default: 1)
            guard scale == [data[axis]] else {
                throw node.mismatch("the scale \(scale) fits neither the tensor \(data) nor its axis \(axis)")
            }
            self = .perAxis(axis)
        }
    }

    /// Channels pass through; scales and zero points go with the axis they belong to.
    func channelFlow(of node: NodeContext) -> ChannelFlow {
        let data = node.inputShape(0)
        let parameters = [1, 2].filter(node.hasInput)
        func passing(except blocked: Int? = nil) -> [AxisLink] {
            (0..<data.rank).filter { $0 != blocked }.map { AxisLink(.input(0, axis: $0), .output(0, axis: $0)) }
        }
        switch self {
        case .perTensor:
            return .links(passing())
        case .perAxis(let axis):
            return .links(passing() + parameters.map { AxisLink(.input($0, axis: 0), .output(0, axis: axis)) })
        case .perBlock(let axis, let size):
            // A last block that is cut short has no counterpart among whole blocks.
            guard data[axis].isMultiple(of: size) else { return .links(passing(except: axis)) }
            let links = parameters.flatMap { slot in
                (0..<data.rank).map { other in
                    AxisLink(
                        .input(slot, axis: other), .output(0, axis: other),
                        other == axis && size > 1 ? .blocks(size: size) : .same)
                }
            }
            return .links(passing() + links)
        }
    }

    /// Brings a scale or zero point into a form that broadcasts over data of `shape`.
    func broadcasting(_ parameter: ATenArgument, over shape: Shape, in calls: inout CallSequence) -> ATenArgument {
        switch self {
        case .perTensor:
            return calls.append("aten::reshape", "", parameter, .ints([]))
        case .perAxis(let axis):
            var dimensions = [Int](repeating: 1, count: shape.rank)
            dimensions[axis] = shape[axis]
            return calls.append("aten::reshape", "", parameter, .ints(dimensions))
        case .perBlock(let axis, let size):
            let repeated = calls.append("aten::repeat_interleave", "self_int", parameter, .int(size), .int(axis))
            return calls.append("aten::narrow", "", repeated, .int(axis), .int(0), .int(shape[axis]))
        }
    }
}

extension CallSequence {
    /// Clamps whole numbers to the range of an integer type and converts them to it.
    @discardableResult
    mutating func appendSaturation(of number: ATenArgument, to dtype: DType) -> ATenArgument {
        guard let range = dtype.quantizedRange else { preconditionFailure("\(dtype) is not a quantized type") }
        let clamped = append(
            "aten::clamp", "", number, .double(Double(range.lowerBound)), .double(Double(range.upperBound)))
        return append("aten::to", "dtype", clamped, .dtype(dtype.computed))
    }
}
