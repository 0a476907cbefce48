/// New values for some of a node's attributes and constant settings.
public struct NodeSettings: Sendable {
    /// By attribute name.
    public var attributes: [String: Attribute]
    /// By input slot; the slot holds a constant.
    public var inputs: [Int: TensorData]

    public init(attributes: [String: Attribute] = [:], inputs: [Int: TensorData] = [:]) {
        self.attributes = attributes
        self.inputs = inputs
    }

    public static let unchanged = NodeSettings()
}
