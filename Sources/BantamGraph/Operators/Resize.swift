/// Resamples any of the axes to another size, by the nearest entry or linearly.
///
/// The size comes from `scales` or from `sizes`. Cubic interpolation, cropping and anti-aliasing are not supported.
struct Resize: Operator {
    static let name = "Resize"
    static let inputs: [InputSlot] = [
        .activation("X"), .optional(.setting("roi")), .optional(.setting("scales")), .optional(.setting("sizes")),
    ]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [Shape(try axes(of: node).map(\.output))] }

    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        let rank = node.inputShape(0).rank
        guard let axes = try? axes(of: node) else { return .opaque("its scales are not known") }
        return .passThrough(axes: (0..<rank).filter { axes[$0].isIdentity })
    }

    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        .outputSizes(slot: 3, of: old, resizedTo: new, axes: try chosenAxes(of: old))
    }

    static func quantization(of node: NodeContext) -> QuantizationRole {
        node.string("mode", default: "nearest") == "nearest" ? .transparent : .float
    }

    /// The gradient needs positions only, and they are constants.
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering {
        let axes = try axes(of: node)
        let coordinates = try coordinateMode(of: node)
        guard axes.contains(where: { !$0.isIdentity }) else { return .alias(.input(0)) }
        switch node.string("mode", default: "nearest") {
        case "nearest":
            let name = node.string("nearest_mode", default: AxisResampling.Rounding.preferFloor.rawValue)
            guard let rounding = AxisResampling.Rounding(rawValue: name) else {
                throw node.unsupported("nearest_mode \(name)")
            }
            return nearest(axes, indices: axes.map { $0.nearest(coordinates, rounding) }, of: node)
        case "linear":
            _ = try floatingPointDType(of: node)
            return linear(axes, coordinates, of: node)
        case let mode: throw node.unsupported("mode \(mode)")
        }
    }

    private static func coordinateMode(of node: NodeContext) throws(GraphError) -> AxisResampling.CoordinateMode {
        guard node.int("antialias", default: 0) == 0 else { throw node.unsupported("antialias") }
        let name = node.string("coordinate_transformation_mode", default: "half_pixel")
        guard let mode = AxisResampling.CoordinateMode(rawValue: name) else {
            throw node.unsupported("coordinate_transformation_mode \(name)")
        }
        return mode
    }

    // MARK: Lowering

    private static func nearest(_ axes: [AxisResampling], indices: [[Int]], of node: NodeContext) -> Lowering {
        // Where entries are just repeated, ATen has a function that takes all axes at once.
        let isRepetition = zip(axes, indices).allSatisfy { axis, indices in
            axis.output % axis.input == 0
                && indices.enumerated().allSatisfy { $1 == $0 / (axis.output / axis.input) }
        }
        if isRepetition, let spatial = spatialSizes(axes), node.inputDType(0).isFloatingPoint {
            return [ATenCall("aten::upsample_nearest\(spatial.count)d", .input(0), .ints(spatial))]
        }
        var calls = CallSequence()
        var current = ATenArgument.input(0)
        for (axis, indices) in indices.enumerated() where !axes[axis].isIdentity {
            current = calls.select(indices, of: current, axis: axis)
        }
        return calls.lowering
    }

    private static func linear(
        _ axes: [AxisResampling], _ mode: AxisResampling.CoordinateMode, of node: NodeContext
    ) -> Lowering {
        let isHalfPixel =
            mode == .halfPixel || mode == .pytorchHalfPixel && axes.dropFirst(2).allSatisfy { $0.output > 1 }
        // ATen leaves an axis alone that keeps its size, whatever the scale: 1.2 makes 3 of 3.
        let hasExactScales = axes.allSatisfy { $0.isIdentity || $0.input != $0.output }
        if isHalfPixel || mode == .alignCorners, hasExactScales, let spatial = spatialSizes(axes) {
            let function = ["linear1d", "bilinear2d", "trilinear3d"][spatial.count - 1]
            let scales: [ATenArgument] =
                isHalfPixel ? axes.dropFirst(2).map { .double(Double($0.scale)) } : []
            return [
                ATenCall(
                    "aten::upsample_\(function)",
                    arguments: [.input(0), .ints(spatial), .bool(mode == .alignCorners)] + scales)
            ]
        }
        var calls = CallSequence()
        var current = ATenArgument.input(0)
        for (index, axis) in axes.enumerated() where !axis.isIdentity {
            let positions = axis.linear(mode)
            var weightShape = Shape(Array(repeating: 1, count: axes.count))
            weightShape[index] = axis.output
            let lower = calls.select(positions.lower, of: current, axis: index)
            let upper = calls.select(positions.upper, of: current, axis: index)
            let share = TensorData(weightShape, positions.share)
            let weight = calls.append("aten::type_as", "", .constant(share), .input(0))
            current = calls.append("aten::lerp", "Tensor", lower, upper, weight)
        }
        return calls.lowering
    }

    /// The new spatial sizes, when only spatial axes change and ATen resamples so many.
    private static func spatialSizes(_ axes: [AxisResampling]) -> [Int]? {
        guard (3...5).contains(axes.count), axes[..<2].allSatisfy(\.isIdentity) else { return nil }
        return axes[2...].map(\.output)
    }

    static var examples: [OperatorExample] {
        let empty = OperatorExample.Input.absent
        func scales(_ scales: Float...) -> OperatorExample.Input { .constant(TensorData([scales.count], scales)) }
        return [
            OperatorExample([[1, 2, 3, 4], empty, scales(1, 1, 2, 3)]),
            // Downwards, where half-pixel coordinates meet ties.
            OperatorExample([[1, 2, 8, 6], empty, scales(1, 1, 0.5, 0.5)]),
            OperatorExample(
                [[1, 2, 4, 5], empty, empty, .ints([1, 2, 7, 3])], attributes: ["mode": .string("linear")]),
            OperatorExample(
                [[1, 2, 4, 5], empty, scales(1, 1, 1.5, 2)],
                attributes: ["mode": .string("linear"), "coordinate_transformation_mode": .string("asymmetric")]),
            // A clip: [N, C, T, H, W].
            OperatorExample(
                [[1, 2, 2, 3, 4], empty, empty, .ints([1, 2, 4, 5, 7])],
                attributes: ["mode": .string("linear"), "coordinate_transformation_mode": .string("align_corners")]),
        ]
    }
}

extension CallSequence {
    /// Takes the entries at `indices` along one axis.
    fileprivate mutating func select(_ indices: [Int], of argument: ATenArgument, axis: Int) -> ATenArgument {
        let indices = TensorData([indices.count], indices.map(Int64.init))
        return append("aten::index_select", "", argument, .int(axis), .constant(indices))
    }
}
