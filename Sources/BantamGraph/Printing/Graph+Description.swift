extension Graph: CustomStringConvertible {
    /// `"resnet50 (122 nodes)"`. ``TextPrinter`` writes all of it.
    public var description: String { "\(name) (\(nodes.count) nodes)" }
}
