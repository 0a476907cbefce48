/// The arithmetic of one execution.
public struct Cost: Hashable, Sendable, Codable {
    /// Multiply-accumulate operations of convolutions and matrix products.
    public var macs: Int
    /// Results of everything else: activations, additions, pooling windows' outputs.
    public var elementwise: Int

    public init(macs: Int = 0, elementwise: Int = 0) {
        self.macs = macs
        self.elementwise = elementwise
    }

    /// Nothing is computed: the operator only views or moves data.
    public static let free = Cost()

    public static func + (left: Cost, right: Cost) -> Cost {
        Cost(macs: left.macs + right.macs, elementwise: left.elementwise + right.elementwise)
    }

    public static func += (left: inout Cost, right: Cost) { left = left + right }
}
