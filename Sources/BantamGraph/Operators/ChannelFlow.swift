/// Which channels of a node's inputs, weights and outputs are the same channel.
///
/// Structured pruning removes a channel everywhere it appears. An operator states, link by link, where that is: the
/// channels along one axis of one slot correspond to the channels along an axis of another. What is linked goes
/// together, directly or through other nodes; an axis that no link touches cannot be pruned there.
///
/// ```
/// Conv:  input 0, axis 1  <->  weight axis 1          (consumed)
///        weight axis 0    <->  bias axis 0, output axis 1   (produced)
/// Add:   input a, axis 1  <->  input b, axis 1  <->  output axis 1
/// ```
public enum ChannelFlow: Sendable {
    case links([AxisLink])
    /// Some axes are linked; the others cannot be followed, and the reason is for people.
    case partial([AxisLink], otherwise: String)
    /// Channels cannot be followed through the node; the reason is for people.
    case opaque(String)

    /// What is linked; nothing of what is opaque.
    public var links: [AxisLink] {
        switch self {
        case .links(let links), .partial(let links, _): links
        case .opaque: []
        }
    }
}

/// One axis of one of a node's inputs or outputs.
public struct SlotAxis: Hashable, Sendable {
    public enum Slot: Hashable, Sendable {
        case input(Int)
        case output(Int)
    }

    public var slot: Slot
    public var axis: Int

    public static func input(_ index: Int, axis: Int) -> SlotAxis { SlotAxis(slot: .input(index), axis: axis) }
    public static func output(_ index: Int, axis: Int) -> SlotAxis { SlotAxis(slot: .output(index), axis: axis) }
}

/// States that the channels along two axes correspond.
public struct AxisLink: Hashable, Sendable {
    /// How index `i` along `source` maps to indices along `target`.
    public enum Mapping: Hashable, Sendable {
        /// `i` to `i`.
        case same
        /// `i` to `i + offset`: a part of a concatenation.
        case offset(Int)
        /// `i` to the block `i * size ..< (i + 1) * size`: channels flattened with what follows them.
        case blocks(size: Int)
        /// `i` to `i % count`: groups of channels that share one axis of `count` entries. A link of an axis with
        /// itself ties the groups together: what one loses, all lose.
        case modulo(Int)
        /// `i` to every `j` with the same digit: `i / sourceStride % count == j / targetStride % count`. Channels that
        /// share an axis with others on both sides, or lie between them.
        case digit(count: Int, sourceStride: Int, targetStride: Int)
    }

    public var source: SlotAxis
    public var target: SlotAxis
    public var mapping: Mapping

    public init(_ source: SlotAxis, _ target: SlotAxis, _ mapping: Mapping = .same) {
        self.source = source
        self.target = target
        self.mapping = mapping
    }

    /// States that channels along the axis may go, though nothing corresponds to them: they are only read here, or all
    /// entries are the same.
    public static func ending(_ axis: SlotAxis) -> AxisLink { AxisLink(axis, axis) }
}

extension ChannelFlow {
    /// Every axis of input 0 is the same axis of every output.
    public static func passThrough(_ node: NodeContext) -> ChannelFlow {
        let rank = node.inputShape(0).rank
        return .links(
            (0..<rank).flatMap { axis in
                node.node.outputs.indices.map { AxisLink(.input(0, axis: axis), .output($0, axis: axis)) }
            })
    }

    /// An elementwise operator of any number of operands, which broadcast.
    public static func broadcast(_ node: NodeContext) -> ChannelFlow {
        let output = node.outputShape(0)
        var links: [AxisLink] = []
        for slot in node.node.inputs.indices where node.hasInput(slot) {
            let shape = node.inputShape(slot)
            for axis in 0..<shape.rank {
                let outputAxis = output.rank - shape.rank + axis
                if shape[axis] == output[outputAxis] {
                    links.append(AxisLink(.input(slot, axis: axis), .output(0, axis: outputAxis)))
                }
            }
        }
        return .links(links)
    }

    /// Weights that scale or shift each channel: `slots` hold one number for each index along axis 1.
    public static func perChannel(_ node: NodeContext, slots: [Int]) -> ChannelFlow {
        let links = slots.filter(node.hasInput).map { AxisLink(.input($0, axis: 0), .output(0, axis: 1)) }
        return .links([AxisLink(.input(0, axis: 1), .output(0, axis: 1))] + links)
    }
}
