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

    public init(
        calibrator: String = MinMax.name, equalizes: Bool = false, correctsBias: Bool = true,
        isSymmetric: Bool = false
    ) {
        self.calibrator = calibrator
        self.equalizes = equalizes
        self.correctsBias = correctsBias
        self.isSymmetric = isSymmetric
    }
}

extension QuantizationScheme: CustomStringConvertible {
    /// `"mse, equalized, bias corrected"`
    public var description: String {
        let additions = [
            equalizes ? "equalized" : nil, correctsBias ? "bias corrected" : nil,
            isSymmetric ? "symmetric activations" : nil,
        ]
        return ([calibrator] + additions.compactMap(\.self)).joined(separator: ", ")
    }
}
