/// Resamples any of the axes to another size: by the nearest entry, linearly or by cubic convolution.
///
/// The size comes from `scales` or from `sizes`. Keys, *Cubic Convolution Interpolation for Digital Image Processing*,
/// 1981.
struct Resize: Operator {
    static let name = "Resize"
    static let inputs: [InputSlot] = [
        .activation("X"), .optional(.setting("roi")), .optional(.setting("scales")), .optional(.setting("sizes")),
    ]

    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation {
        let extrapolates = node.string("coordinate_transformation_mode", default: "") == "tf_crop_and_resize"
        return extrapolates && node.float("extrapolation_value", default: 0) != 0 ? .never : .whereAll([0])
    }

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
        var lowering = try interpolation(axes, coordinates, of: node)
        if coordinates == .cropAndResize { extrapolate(axes, of: node, in: &lowering) }
        return lowering
    }

    static func coordinateMode(of node: NodeContext) throws(GraphError) -> AxisResampling.CoordinateMode {
        let name = node.string("coordinate_transformation_mode", default: "half_pixel")
        guard let mode = AxisResampling.CoordinateMode(rawValue: name) else {
            throw node.unsupported("coordinate_transformation_mode \(name)")
        }
        return mode
    }

    // MARK: Lowering

    private static func interpolation(
        _ axes: [AxisResampling], _ coordinates: AxisResampling.CoordinateMode, of node: NodeContext
    ) throws(GraphError) -> Lowering {
        let isAntialiased = node.int("antialias", default: 0) != 0
        switch node.string("mode", default: "nearest") {
        case "nearest":
            let name = node.string("nearest_mode", default: AxisResampling.Rounding.preferFloor.rawValue)
            guard let rounding = AxisResampling.Rounding(rawValue: name) else {
                throw node.unsupported("nearest_mode \(name)")
            }
            return nearest(axes, indices: axes.map { $0.nearest(coordinates, rounding) }, of: node)
        case "linear":
            _ = try floatingPointDType(of: node)
            return isAntialiased ? weighted(axes, .linear, coordinates, of: node) : linear(axes, coordinates, of: node)
        case "cubic":
            _ = try floatingPointDType(of: node)
            let coefficient = node.float("cubic_coeff_a", default: -0.75)
            if coefficient == -0.75, !isAntialiased, !excludesOutside(node),
                let lowering = direct("bicubic", axes, coordinates, of: node)
            {
                return lowering
            }
            return weighted(axes, .cubic(Double(coefficient)), coordinates, of: node)
        case let mode: throw node.unsupported("mode \(mode)")
        }
    }

    private static func excludesOutside(_ node: NodeContext) -> Bool { node.int("exclude_outside", default: 0) != 0 }

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

    /// The one call that resamples all spatial axes, where ATen has it for these coordinates.
    private static func direct(
        _ kind: String, _ axes: [AxisResampling], _ mode: AxisResampling.CoordinateMode, of node: NodeContext
    ) -> Lowering? {
        let isHalfPixel =
            mode == .halfPixel || mode == .pytorchHalfPixel && axes.dropFirst(2).allSatisfy { $0.output > 1 }
        // ATen leaves an axis alone that keeps its size, whatever the scale: 1.2 makes 3 of 3.
        let hasExactScales = axes.allSatisfy { $0.isIdentity || $0.input != $0.output }
        let isAligned = mode == .alignCorners && axes.allSatisfy { $0.alignedLength == nil }
        guard isHalfPixel || isAligned, hasExactScales, let spatial = spatialSizes(axes),
            kind != "bicubic" || spatial.count == 2
        else { return nil }
        let function = kind == "bicubic" ? "bicubic2d" : ["linear1d", "bilinear2d", "trilinear3d"][spatial.count - 1]
        let scales: [ATenArgument] = isHalfPixel ? axes.dropFirst(2).map { .double(Double($0.scale)) } : []
        return [
            ATenCall(
                "aten::upsample_\(function)", arguments: [.input(0), .ints(spatial), .bool(isAligned)] + scales)
        ]
    }

    private static func linear(
        _ axes: [AxisResampling], _ mode: AxisResampling.CoordinateMode, of node: NodeContext
    ) -> Lowering {
        if let lowering = direct("linear", axes, mode, of: node) { return lowering }
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

    /// One product with a matrix of weights for each axis that changes.
    private static func weighted(
        _ axes: [AxisResampling], _ kernel: AxisResampling.Kernel, _ mode: AxisResampling.CoordinateMode,
        of node: NodeContext
    ) -> Lowering {
        var calls = CallSequence()
        var current = ATenArgument.input(0)
        for (index, axis) in axes.enumerated() where !axis.isIdentity {
            let weights = axis.weights(
                kernel, mode, antialiasing: node.int("antialias", default: 0) != 0,
                excludingOutside: excludesOutside(node))
            let matrix = calls.append(
                "aten::type_as", "", .constant(TensorData([axis.output, axis.input], weights)), .input(0))
            let columns = calls.append("aten::transpose", "int", matrix, .int(0), .int(1))  // [input, output]
            let last = calls.append("aten::transpose", "int", current, .int(index), .int(-1))
            let product = calls.append("aten::matmul", "", last, columns)
            current = calls.append("aten::transpose", "int", product, .int(index), .int(-1))
        }
        return calls.lowering
    }

    /// Gives what lies outside of the input its own value.
    private static func extrapolate(_ axes: [AxisResampling], of node: NodeContext, in lowering: inout Lowering) {
        let value = node.float("extrapolation_value", default: 0)
        var isOutside = [false]
        for axis in axes {
            let inside = axis.isIdentity ? Array(repeating: true, count: axis.output) : axis.isInside(.cropAndResize)
            isOutside = isOutside.flatMap { outside in inside.map { outside || !$0 } }
        }
        guard isOutside.contains(true) else { return }
        let mask = TensorData(Shape(axes.map(\.output)), isOutside)
        let result = ATenArgument.result(lowering.calls.count - 1)
        lowering.calls.append(
            ATenCall(
                "aten::masked_fill", overload: "Scalar", result, .constant(mask), .double(Double(value))))
    }

    /// The new spatial sizes, when only spatial axes change and ATen resamples so many.
    private static func spatialSizes(_ axes: [AxisResampling]) -> [Int]? {
        guard (3...5).contains(axes.count), axes[..<2].allSatisfy(\.isIdentity) else { return nil }
        return axes[2...].map(\.output)
    }
}

extension CallSequence {
    /// Takes the entries at `indices` along one axis.
    mutating func select(_ indices: [Int], of argument: ATenArgument, axis: Int) -> ATenArgument {
        let indices = TensorData([indices.count], indices.map(Int64.init))
        return append("aten::index_select", "", argument, .int(axis), .constant(indices))
    }
}
