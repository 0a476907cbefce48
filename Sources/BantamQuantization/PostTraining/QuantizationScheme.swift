/// The decisions of static quantization that cost nothing at run time, and of which none is best for every model.
public struct QuantizationScheme: Hashable, Sendable, Codable {
    /// The name of a ``Calibrator``.
    public var calibrator: String
    /// Whether ``CrossLayerEqualization`` comes first.
    public var equalizes: Bool
    /// Whether the mean error of each channel is taken out of its bias (``BiasCorrection``).
    public var correctsBias: Bool
    /// Whether activations are int8 with zero at 0, whatever the target's own format is.
    public var isSymmetric: Bool
    /// The share of the measured range that integers cover, 0...1, of activations that nothing bounds. What lies beyond is
    /// clipped, and the rest is told apart more finely.
    public var rangeShare: Double
    /// Whether `Add` reads rounded values.
    public var roundsSummands = true
    /// The names of nodes that stay in floating point.
    public var floatNodes: [String] = []

    public init(
        calibrator: String = MinMax.name, equalizes: Bool = false, correctsBias: Bool = true,
        isSymmetric: Bool = false, rangeShare: Double = 1
    ) {
        self.calibrator = calibrator
        self.equalizes = equalizes
        self.correctsBias = correctsBias
        self.isSymmetric = isSymmetric
        self.rangeShare = rangeShare
    }
}

extension QuantizationScheme {
    /// The same with ranges that cut nothing off.
    var overWholeRanges: QuantizationScheme {
        var other = self
        other.calibrator = MinMax.name
        return other
    }
}

extension QuantizationScheme: CustomStringConvertible {
    /// `"mse, equalized, bias corrected"`
    public var description: String {
        let additions = [
            equalizes ? "equalized" : nil, correctsBias ? "bias corrected" : nil,
            isSymmetric ? "symmetric activations" : nil,
            rangeShare < 1 ? "\(Int((rangeShare * 100).rounded())) % of the ranges" : nil,
            roundsSummands ? nil : "sums of unrounded values",
            floatNodes.isEmpty ? nil : "\(floatText) in floating point",
        ]
        return ([calibrator] + additions.compactMap(\.self)).joined(separator: ", ")
    }

    private var floatText: String {
        floatNodes.count > 4 ? "\(floatNodes.count) layers" : floatNodes.joined(separator: " and ")
    }
}
