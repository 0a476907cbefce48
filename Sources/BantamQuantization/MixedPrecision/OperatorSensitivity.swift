/// What one operator in fewer bits does to a model's answers, all others being in floating point.
///
/// - Reference: the Hessian-free measure of Cai et al., *ZeroQ: A Novel Zero Shot Quantization Framework*, CVPR 2020,
///   section 3.2.
public struct OperatorSensitivity: Codable, Hashable, Sendable {
    /// The node's name.
    public var node: String
    /// What the operator was in.
    public var precision: OperatorPrecision
    /// The mean Kullback-Leibler divergence of the answers from those of the float model. Unit: nats.
    public var divergence: Double
    /// The share of samples that are answered as before, 0...1.
    public var agreement: Double

    public init(node: String, precision: OperatorPrecision, divergence: Double, agreement: Double) {
        self.node = node
        self.precision = precision
        self.divergence = divergence
        self.agreement = agreement
    }
}
