extension Resize {
    /// How each axis of the input is resampled, from `scales` or `sizes`.
    ///
    /// - Throws: `dynamicShape` when neither is a constant; `shapeMismatch` when they do not fit the input.
    static func axes(of node: NodeContext) throws(GraphError) -> [AxisResampling] {
        let input = node.inputShape(0)
        // What is not used is often given as an empty list.
        func isGiven(_ slot: Int) -> Bool { node.hasInput(slot) && node.inputShape(slot).elementCount > 0 }
        guard isGiven(2) != isGiven(3) else {
            throw node.mismatch("one of scales and sizes must be given, and only one")
        }
        guard input.dimensions.allSatisfy({ $0 > 0 }) else {
            throw node.mismatch("an input of shape \(input) has no entries to resample")
        }
        var axes = input.dimensions.map { AxisResampling(input: $0, output: $0, scale: 1) }
        let chosen = try chosenAxes(of: node)
        let regions = try regions(of: node, axes: chosen)
        if isGiven(2) {
            let scales = try constantScales(of: node)
            try check(scales.count, "scales", chosen.count, in: node)
            for (axis, scale) in zip(chosen, scales) {
                let region = regions[axis]
                // In single precision, as runtimes do: 3 * 1.6666666 is 5.
                let length = Float(input[axis]) * (region.upperBound - region.lowerBound) * scale
                let size = length.rounded(.down)
                guard scale > 0, size >= 1, size <= Float(SlidingWindow.largestSetting) else {
                    throw node.mismatch("scales contains \(scale), for an axis of size \(input[axis])")
                }
                axes[axis] = AxisResampling(input: input[axis], output: Int(size), scale: scale, region: region)
                // ONNX's tests align the corners of the unrounded output; PyTorch and ONNX Runtime, which matter where
                // networks enlarge features, those of the output there is.
                if scale < 1, length != size { axes[axis].alignedLength = length }
            }
        } else {
            let sizes = try node.constantInts(3, called: "sizes")
            try check(sizes.count, "sizes", chosen.count, in: node)
            for (axis, size) in zip(chosen, try keepingAspectRatio(sizes, of: chosen, in: node)) {
                let scale = Float(size) / Float(input[axis])
                axes[axis] = AxisResampling(input: input[axis], output: size, scale: scale, region: regions[axis])
            }
        }
        return axes
    }

    /// The axes that `scales` and `sizes` speak of: all, or those the attribute lists.
    static func chosenAxes(of node: NodeContext) throws(GraphError) -> [Int] {
        let rank = node.inputShape(0).rank
        guard let listed = node.ints("axes") else { return Array(0..<rank) }
        var axes: [Int] = []
        for axis in listed { axes.append(try node.axis(axis, rank: rank)) }
        guard Set(axes).count == axes.count else { throw node.mismatch("axes lists an axis twice: \(listed)") }
        return axes
    }

    /// The part of each axis that is resampled, from `roi`: all starts, then all ends.
    private static func regions(of node: NodeContext, axes: [Int]) throws(GraphError) -> [ClosedRange<Float>] {
        var regions = [ClosedRange<Float>](repeating: 0...1, count: node.inputShape(0).rank)
        guard try coordinateMode(of: node) == .cropAndResize else { return regions }
        guard let data = node.constant(1) else { throw GraphError.dynamicSetting("roi", of: node.node) }
        guard let bounds = data.doubles(), bounds.count == 2 * axes.count else {
            throw node.mismatch("roi is \(data.type); \(2 * axes.count) floating-point numbers are needed")
        }
        for (index, axis) in axes.enumerated() {
            let (start, end) = (Float(bounds[index]), Float(bounds[axes.count + index]))
            guard start <= end, start.magnitude < 1e6, end.magnitude < 1e6 else {
                throw node.mismatch("roi goes from \(start) to \(end) along axis \(axis)")
            }
            regions[axis] = start...end
        }
        return regions
    }

    private static func constantScales(of node: NodeContext) throws(GraphError) -> [Float] {
        guard let data = node.constant(2) else { throw GraphError.dynamicSetting("scales", of: node.node) }
        guard data.dtype == .float32 else {
            throw node.dtypeMismatch("scales must be float32, not \(data.dtype.rawValue)")
        }
        return data.elements(of: Float.self)
    }

    private static func check(
        _ count: Int, _ name: String, _ needed: Int, in node: NodeContext
    ) throws(GraphError) {
        guard count == needed else {
            throw node.mismatch("\(name) has \(count) entries, \(needed) are needed for \(node.inputShape(0))")
        }
    }

    /// Applies `keep_aspect_ratio_policy`: `sizes` are then limits that one of the axes reaches.
    private static func keepingAspectRatio(
        _ sizes: [Int], of axes: [Int], in node: NodeContext
    ) throws(GraphError) -> [Int] {
        if let wrong = sizes.first(where: { !(1...SlidingWindow.largestSetting).contains($0) }) {
            throw node.mismatch("sizes contains \(wrong)")
        }
        let input = node.inputShape(0)
        let scales = zip(sizes, axes).map { Float($0) / Float(input[$1]) }
        let policy = node.string("keep_aspect_ratio_policy", default: "stretch")
        switch policy {
        case "stretch": return sizes
        case "not_larger", "not_smaller":
            let scale = (policy == "not_larger" ? scales.min() : scales.max()) ?? 1
            return axes.map { max(1, Int((scale * Float(input[$0])).rounded())) }
        default: throw node.unsupported("keep_aspect_ratio_policy \(policy)")
        }
    }
}
