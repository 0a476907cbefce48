/// New values for some of a node's attributes and constant settings.
public struct NodeSettings: Sendable {
    /// By name; `nil` drops the attribute.
    public var attributes: [String: Attribute?]
    /// By input slot, which holds a constant or nothing.
    public var inputs: [Int: TensorData]

    public init(attributes: [String: Attribute?] = [:], inputs: [Int: TensorData] = [:]) {
        self.attributes = attributes
        self.inputs = inputs
    }

    public static let unchanged = NodeSettings()

    /// A slot that lists sizes of output 0, with those that have changed replaced.
    ///
    /// Entries that say no size (0 and -1 in a reshape's target, 1 where something broadcasts) stay.
    ///
    /// - Parameter axes: Which axis each entry speaks of; by default the last ones, in order.
    static func outputSizes(
        slot: Int, of old: NodeContext, resizedTo new: NodeContext, axes: [Int]? = nil
    ) -> NodeSettings {
        guard let data = new.constant(slot), data.dtype == .int64, data.shape.rank == 1 else { return .unchanged }
        let (before, after) = (old.outputShape(0), new.outputShape(0))
        var sizes = data.elements(of: Int64.self)
        let axes = axes ?? Array((before.rank - sizes.count)..<before.rank)
        for (entry, axis) in axes.enumerated() where before[axis] != after[axis] && sizes[entry] == before[axis] {
            sizes[entry] = Int64(after[axis])
        }
        return NodeSettings(inputs: [slot: TensorData(data.shape, sizes)])
    }
}
