public import BantamModel

/// Every calibrator. A new one is one file in this folder and one line here.
public enum Calibrators {
    public static let all: [any Calibrator.Type] = [
        MinMax.self,
        MovingAverage.self,
        Percentile.self,
        Entropy.self,
        MeanSquaredError.self,
    ]

    /// The calibrator of this name, with its recommended settings.
    ///
    /// - Throws: `unknownName`, listing the names there are.
    public static func calibrator(named name: String) throws(CompressionError) -> any Calibrator {
        guard let type = all.first(where: { $0.name == name }) else {
            throw .unknown("calibrator", name, known: all.map { $0.name })
        }
        return type.init()
    }
}
