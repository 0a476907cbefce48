extension NodeContext {
    // MARK: Shapes

    /// A shape made of numbers found in the model, which may be anything.
    ///
    /// - Throws: `shapeMismatch` when a dimension is negative or the elements cannot be counted in an `Int`.
    func checkedShape(_ dimensions: some Sequence<Int>) throws(GraphError) -> Shape {
        let shape = Shape(dimensions)
        guard shape.checkedElementCount != nil else {
            throw mismatch("its settings ask for the shape \(shape), which is negative or too large")
        }
        return shape
    }

    /// The shape that all filled slots broadcast to.
    func broadcastShape(of slots: Range<Int>) throws(GraphError) -> Shape {
        var shape = Shape.scalar
        for slot in slots where hasInput(slot) {
            guard let wider = shape.broadcast(with: inputShape(slot)) else {
                throw mismatch("\(shape) and \(inputShape(slot)) do not broadcast")
            }
            shape = wider
        }
        return shape
    }

    // MARK: Axes

    /// The axes named by the attribute `axes`, as up to opset 12, or by an input, as since; counted from the start.
    ///
    /// - Returns: `nil` when neither is there.
    /// - Throws: when an axis does not exist or is named twice, or when the input is computed by the model.
    func axes(slot: Int = 1, rank: Int) throws(GraphError) -> [Int]? {
        var axes: [Int] = []
        guard let given = try axesAsGiven(slot: slot) else { return nil }
        for axis in try given.map({ (axis) throws(GraphError) in try self.axis(axis, rank: rank) }) {
            guard !axes.contains(axis) else { throw mismatch("axis \(axis) is named twice") }
            axes.append(axis)
        }
        return axes
    }

    private func axesAsGiven(slot: Int) throws(GraphError) -> [Int]? {
        if let attribute = ints("axes") { return attribute }
        return hasInput(slot) ? try constantInts(slot, called: "axes") : nil
    }

    /// The attribute `axis`, counted from the start.
    ///
    /// - Precondition: the operator's `shapes(of:)` has found that the axis exists.
    func checkedAxis(default defaultAxis: Int) -> Int {
        let axis = int("axis", default: defaultAxis)
        return axis < 0 ? axis + inputShape(0).rank : axis
    }

    /// The attribute `axis`, counted from the start.
    ///
    /// - Throws: `shapeMismatch` when input 0 has no such axis.
    func axis(default defaultAxis: Int) throws(GraphError) -> Int {
        let rank = inputShape(0).rank
        guard rank > 0 else { throw mismatch("a scalar has no axes") }
        return try axis(int("axis", default: defaultAxis), rank: rank)
    }
}

extension ChannelFlow {
    /// The axes of input 0 for which `isKept` holds keep their place in every output.
    static func sameAxes(_ node: NodeContext, where isKept: (Int) -> Bool) -> ChannelFlow {
        .links(
            node.inputShape(0).dimensions.indices.filter(isKept).flatMap { axis in
                node.node.outputs.indices.map { AxisLink(.input(0, axis: axis), .output($0, axis: axis)) }
            })
    }
}
