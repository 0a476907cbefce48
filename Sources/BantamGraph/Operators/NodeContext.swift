/// A node together with what is known of its inputs: all that an operator's definition may look at.
public struct NodeContext: Sendable {
    public enum Mode: Sendable {
        case inference
        /// BatchNorm uses the batch's statistics, dropout drops.
        case training
        /// As training, but BatchNorm uses the stored statistics, and the scales of `FakeQuantize` are not learned: only
        /// weights still change.
        case frozenTraining
    }

    public let node: Node
    /// One entry a slot; `nil` where the input is left out.
    public let inputTypes: [TensorType?]
    /// The inputs that are known before the model runs.
    public let constants: [TensorData?]
    /// One entry an output, also for those that are left out. Empty while the shapes are being inferred.
    public var outputTypes: [TensorType]
    public var mode: Mode
    /// Along axes from which channels have been removed, the indices of those that stay, ascending; see
    /// ``remaining(_:of:)``.
    var remainingIndices: [SlotAxis: [Int]] = [:]
    /// Which axes number the heads of an attention, where that is known; see ``ChannelFlow``.
    var heads: HeadAxes?

    public init(
        node: Node, inputTypes: [TensorType?], constants: [TensorData?], outputTypes: [TensorType] = [],
        mode: Mode = .inference
    ) {
        self.node = node
        self.inputTypes = inputTypes
        self.constants = constants
        self.outputTypes = outputTypes
        self.mode = mode
    }

    // MARK: Inputs and outputs

    public var inputCount: Int { inputTypes.count }

    public func hasInput(_ slot: Int) -> Bool { slot < inputTypes.count && inputTypes[slot] != nil }

    /// - Precondition: the slot is filled.
    public func inputType(_ slot: Int) -> TensorType {
        guard slot < inputTypes.count, let type = inputTypes[slot] else {
            preconditionFailure("\(node.label) has no input \(slot)")
        }
        return type
    }

    public func inputShape(_ slot: Int) -> Shape { inputType(slot).shape }
    public func inputDType(_ slot: Int) -> DType { inputType(slot).dtype }
    public func outputShape(_ index: Int) -> Shape { outputTypes[index].shape }
    public func outputElements(_ index: Int) -> Int { outputTypes[index].shape.elementCount }

    public func constant(_ slot: Int) -> TensorData? { slot < constants.count ? constants[slot] : nil }

    /// The whole numbers of a constant input, as in a `Reshape`'s shape.
    ///
    /// - Throws: `dynamicShape` when the input is computed by the model; `dtypeMismatch` when it holds no integers.
    public func constantInts(_ slot: Int, called name: String) throws(GraphError) -> [Int] {
        guard let data = constant(slot) else { throw GraphError.dynamicSetting(name, of: node) }
        switch data.dtype {
        case .int64: return data.elements(of: Int64.self).map(Int.init)
        case .int32: return data.elements(of: Int32.self).map(Int.init)
        default: throw mismatch("\(name) must be int64, not \(data.dtype.rawValue)")
        }
    }

    /// Which indices along an axis stay when channels are removed, in the numbering before.
    ///
    /// - Parameter count: The number of indices before.
    func remaining(_ axis: SlotAxis, of count: Int) -> [Int] { remainingIndices[axis] ?? Array(0..<count) }

    // MARK: Attributes

    public func int(_ name: String, default defaultValue: Int) -> Int { node.int(name, default: defaultValue) }

    public func float(_ name: String, default defaultValue: Float) -> Float {
        if case .float(let value)? = node.attributes[name] { value } else { defaultValue }
    }

    public func string(_ name: String, default defaultValue: String) -> String {
        if case .string(let value)? = node.attributes[name] { value } else { defaultValue }
    }

    public func ints(_ name: String) -> [Int]? {
        if case .ints(let values)? = node.attributes[name] { values } else { nil }
    }

    // MARK: Axes and errors

    /// Turns an axis counted from the end into one counted from the start.
    ///
    /// - Throws: `shapeMismatch` when the axis does not exist.
    public func axis(_ axis: Int, rank: Int) throws(GraphError) -> Int {
        guard (-rank..<max(rank, 1)).contains(axis) else { throw mismatch("axis \(axis) of a tensor of rank \(rank)") }
        return axis < 0 ? axis + rank : axis
    }

    /// The shape that two inputs broadcast to.
    public func broadcastShape(_ left: Int = 0, _ right: Int = 1) throws(GraphError) -> Shape {
        guard let shape = inputShape(left).broadcast(with: inputShape(right)) else {
            throw mismatch("\(inputShape(left)) and \(inputShape(right)) do not broadcast")
        }
        return shape
    }

    /// An error that says what does not fit.
    public func mismatch(_ reason: String) -> GraphError {
        GraphError(.shapeMismatch, "\(reason).", location: ErrorLocation(node: node.label))
    }

    public func unsupported(_ what: String) -> GraphError {
        GraphError(.invalidNode, "\(what) is not supported.", location: ErrorLocation(node: node.label))
    }
}
