/// The definition of one ONNX operator: all that Bantam knows about it, in one file.
///
/// Verification, pruning, quantization, cost, ONNX, execution and memory planning all read these same facts. To add
/// an operator, write one file beside this one and add one line to ``Operators``; the conformance suite then tests
/// it. Everything here is pure: no tensor library is involved.
///
/// The functions receive a ``NodeContext``, whose input types are known and agree with ``inputs``.
public protocol Operator: Sendable {
    /// ONNX's name, such as `"Conv"`.
    static var name: String { get }

    /// `""` for the ONNX operator set.
    static var domain: String { get }

    /// What each input slot is for, in order.
    static var inputs: [InputSlot] { get }

    /// The shapes of the outputs.
    ///
    /// - Throws: when the inputs do not fit the operator or each other: see ``NodeContext/mismatch(_:)``.
    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape]

    /// The element types of the outputs. By default that of the first input, for each output.
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType]

    /// How channels travel from inputs and weights to outputs: what structured pruning follows.
    static func channelFlow(of node: NodeContext) -> ChannelFlow

    /// Brings what a node says about sizes (a group count, the parts of a split, the target of a reshape) in line
    /// with inputs and outputs from which channels were removed. By default a node says nothing about sizes.
    ///
    /// - Parameters:
    ///   - old: The node as it was.
    ///   - new: The same node with the types that its inputs and outputs are to have, and its constants already cut.
    static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings

    /// Whether the operator hands a stored weight on in another form: `int8 -> DequantizeLinear -> Conv`. By default it
    /// does not.
    static var unpacksWeights: Bool { get }

    /// Where the outputs are zero because inputs are. By default nowhere: pruning then keeps channels whose results are
    /// added up. The conformance suite checks the statement by numbers.
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation

    /// How the operator behaves under INT8.
    static func quantization(of node: NodeContext) -> QuantizationRole

    /// The axis of the weight in `slot` that is summed over; `nil` where there is no such axis, or not one.
    ///
    /// N:M sparsity counts its zeros along it.
    static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis?

    /// Arithmetic done in one execution.
    static func cost(of node: NodeContext) -> Cost

    /// The tensors that must stay in memory until the backward pass.
    static func keptForBackward(of node: NodeContext) -> [KeptValue]

    /// The ATen calls that compute the outputs.
    static func lowering(of node: NodeContext) throws(GraphError) -> Lowering

    /// Computes the outputs from constant inputs without a tensor library, for the arithmetic on shapes found in
    /// exported models.
    ///
    /// - Returns: `nil` when the operator does not do that, or not for these inputs.
    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]?

    /// Sample applications for the conformance suite.
    static var examples: [OperatorExample] { get }
}

extension Operator {
    public static var domain: String { "" }

    public static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        Array(repeating: node.inputDType(0), count: node.node.outputs.count)
    }

    public static func settings(of old: NodeContext, resizedTo new: NodeContext) throws(GraphError) -> NodeSettings {
        .unchanged
    }

    public static var unpacksWeights: Bool { false }

    public static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .never }

    public static func quantization(of node: NodeContext) -> QuantizationRole { .float }

    public static func reductionAxis(ofWeight slot: Int, of node: NodeContext) -> ReductionAxis? { nil }

    public static func cost(of node: NodeContext) -> Cost { Cost(elementwise: node.outputElements(0)) }

    public static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0)] }

    public static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? { nil }
}

/// What one input of an operator is for.
public struct InputSlot: Sendable {
    public enum Role: Sendable {
        /// Computed by other nodes, in general.
        case activation
        /// Learned, with the axis that lists its output channels.
        case weight
        /// Learned, one number a channel.
        case bias
        /// Kept by training but not learned by gradients, as BatchNorm's running mean.
        case statistic
        /// A shape, axis list, index or scale: never learned.
        case setting
        /// Either computed or learned: an operand of `Add` or `MatMul`.
        case operand
    }

    public var name: String
    public var role: Role
    public var isOptional = false
    /// Whether the slot may be filled any number of times; only the last one may.
    public var isVariadic = false

    public static func activation(_ name: String) -> InputSlot { InputSlot(name: name, role: .activation) }
    public static func weight(_ name: String) -> InputSlot { InputSlot(name: name, role: .weight) }
    public static func bias(_ name: String) -> InputSlot { InputSlot(name: name, role: .bias) }
    public static func statistic(_ name: String) -> InputSlot { InputSlot(name: name, role: .statistic) }
    public static func setting(_ name: String) -> InputSlot { InputSlot(name: name, role: .setting) }
    public static func operand(_ name: String) -> InputSlot { InputSlot(name: name, role: .operand) }

    public static func optional(_ slot: InputSlot) -> InputSlot {
        var slot = slot
        slot.isOptional = true
        return slot
    }

    public static func variadic(_ slot: InputSlot) -> InputSlot {
        var slot = slot
        slot.isVariadic = true
        return slot
    }
}

/// A tensor that the backward pass of a node reads.
public enum KeptValue: Hashable, Sendable {
    case input(Int)
    case output(Int)
    /// Made on the way and no value of the graph: the positions of `MaxPool`'s maxima, the mask of a `Dropout`.
    case intermediate(TensorType)
}
