import BantamModel

/// What a static quantization did, for a report.
public struct StaticQuantizationRecord: Sendable, Encodable {
    public var plan: StaticQuantizationPlan
    /// How it was done.
    public var scheme: QuantizationScheme
    /// All schemes that were compared, the first one first; empty where there was no choice.
    public var candidates: [Candidate] = []
    /// `nil` where the scheme does not equalize.
    public var equalization: Equalization?
    /// What was added to biases, layer by layer.
    public var biasShifts: [BiasCorrection.Record] = []
    /// How weights were rounded, layer by layer, where that was learned.
    public var roundings: [LayerRounding.Record] = []

    /// A scheme and how it did on samples set aside.
    public struct Candidate: Hashable, Sendable, Codable {
        public var scheme: QuantizationScheme
        /// How far the outputs of the float model stand out of their difference to the quantized one's, in dB.
        public var signalToNoise: Double
    }

    public struct Equalization: Hashable, Sendable, Codable {
        /// How many channels could be multiplied.
        public var channels: Int
        /// The largest factor over the smallest.
        public var spread: Double
    }

    /// What a person should know of it, a sentence or a row each.
    public var notes: [String] {
        var notes = plan.notes
        if !candidates.isEmpty {
            notes.append("Of \(candidates.count) schemes the best is taken: \(scheme).")
            notes += candidates.map { "  \(CompressionError.number($0.signalToNoise)) dB  \($0.scheme)" }
        }
        return notes
    }
}
