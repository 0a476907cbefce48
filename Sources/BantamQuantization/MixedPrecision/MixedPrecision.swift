import BantamModel

/// A model that is quantized as far as limits allow, and as narrow as they demand.
struct MixedPrecision: Codable, Sendable {
    var plan: StaticQuantizationPlan
    /// How the weights of the operators are stored that compute in floating point.
    var storage: WeightOnlyPlan
    /// The operators that are not in INT8, the most sensitive to it first.
    var exceptions: [PrecisionException]
    /// What was measured to choose them; empty where it was not necessary.
    var sensitivities: [OperatorSensitivity]
    /// In points of 100; `nil` where no drop was asked for.
    var drop: Double?
    /// Why it does not use what a limit allows; `nil` where it does.
    var slack: String?

    /// What was chosen, a sentence a line.
    var notes: [String] {
        var notes = exceptions.map(\.note) + [slack].compactMap(\.self)
        if let drop { notes.append("The drop on held-out samples is \(CompressionError.number(drop)) points.") }
        return notes
    }
}

/// An operator that the limits keep from INT8.
struct PrecisionException: Codable, Hashable, Sendable {
    /// The node's name.
    var node: String
    var precision: OperatorPrecision
    /// Why: what INT8 there does, or what weights of four bits do.
    var sensitivity: OperatorSensitivity

    /// A sentence for a report.
    var note: String {
        let effect =
            "\(CompressionError.number((1 - sensitivity.agreement) * 100)) % of the answers "
            + "(divergence \(CompressionError.number(sensitivity.divergence)))."
        return switch precision {
        case .int8, .float32: "\(node) stays in floating point: INT8 there alone changes \(effect)"
        case .bfloat16:
            "\(node) stays in floating point, stored as bfloat16: INT8 there alone changes \(effect)"
        case .int4: "\(node) computes in floating point with weights of four bits: they alone change \(effect)"
        }
    }
}
