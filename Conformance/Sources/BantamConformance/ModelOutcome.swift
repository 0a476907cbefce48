import BantamGraph

/// How far a model came.
struct ModelOutcome {
    var opset = 0
    /// Read, valid, and of inferred shapes.
    var isImported = false
    var nodeCounts: (before: Int, after: Int)?
    /// What the passes left undone.
    var notes: [String] = []
    /// Relative, of the graph as imported.
    var difference: Double?
    /// Relative, of the graph after the passes for inference.
    var optimizedDifference: Double?
    /// The larger of both, from what float64 gives.
    var exactDifference: Double?
    var parameterCount = 0
    /// Parameters that no output depends on.
    var missingGradients: [String] = []
    /// Parameters whose gradient is infinite or not a number.
    var brokenGradients: [String] = []
    var removal: Removal?
    /// The same for whole heads; `nil` for a model without attention.
    var headRemoval: Removal?
    var isWritten = false
    /// What ended it early.
    var error: String?

    /// What became of removing half of the channels of every group.
    struct Removal {
        var groups: Int
        var prunable: Int
        var halved: Int
        /// The fraction that is left.
        var parameters: Double
        /// Relative, between the smaller model and the whole one in which the channels have no effect.
        var difference: Double
        /// The same in float32, where that is more than tolerated and ``difference`` was computed in float64.
        var differenceInFloat32: Double?
        /// Relative, between the latter and the model as it was: were it nothing, the proof would prove nothing.
        var effect: Double
        /// The first group that differs by itself.
        var culprit: String?

        /// For people.
        ///
        /// - Parameter unit: What was removed.
        func text(_ unit: String) -> String {
            "\(prunable) of \(groups) \(unit) groups, \(halved) halved, removal \(ModelOutcome.short(difference)), "
                + (differenceInFloat32.map { "in float64 and \(ModelOutcome.short($0)) in float32, " } ?? "")
                + "effect \(ModelOutcome.short(effect))" + (culprit.map { ", first by \($0)" } ?? "")
        }

        /// What ``difference`` may be, in the type in which it was computed.
        var tolerance: Double {
            differenceInFloat32 == nil ? ChannelRemovalCheck.tolerance : ChannelRemovalCheck.exactTolerance
        }

        var passed: Bool { halved > 0 && difference <= tolerance && effect > 1e-3 }
    }

    var passed: Bool {
        guard error == nil, isWritten, let removal, let difference, let optimizedDifference else { return false }
        return max(difference, optimizedDifference) <= ModelCase.tolerance && missingGradients.isEmpty
            && brokenGradients.isEmpty && removal.passed && headRemoval?.passed ?? true
    }

    /// For people, without the model's name.
    var line: String {
        if let error { return "failed: \(error)" }
        var parts = ["imported (opset \(opset))"]
        if let nodeCounts { parts.append("\(nodeCounts.before) -> \(nodeCounts.after) nodes") }
        if let difference, let optimizedDifference {
            parts.append("differs by \(Self.short(difference)), optimized \(Self.short(optimizedDifference))")
        }
        parts.append("\(parameterCount) gradients")
        if let name = missingGradients.first { parts.append("\(missingGradients.count) MISSING (\(name))") }
        if let name = brokenGradients.first { parts.append("\(brokenGradients.count) NOT FINITE (\(name))") }
        for (removal, name) in [(removal, "channel"), (headRemoval, "head")] {
            if let removal { parts.append(removal.text(name)) }
        }
        return (passed ? "passed: " : "failed: ") + parts.joined(separator: ", ")
    }

    /// For the script that goes on with the written file.
    var json: String {
        let fields: [(String, String)] = [
            ("opset", "\(opset)"), ("imported", "\(isImported)"), ("passed", "\(passed)"),
            ("difference", Self.number(difference)), ("optimized_difference", Self.number(optimizedDifference)),
            ("exact_difference", Self.number(exactDifference)), ("parameters", "\(parameterCount)"),
            ("missing_gradients", Self.list(missingGradients)),
            ("broken_gradients", Self.list(brokenGradients)),
            ("nodes", nodeCounts.map { "[\($0.before), \($0.after)]" } ?? "null"),
            ("channel_groups", removal.map { "[\($0.halved), \($0.prunable), \($0.groups)]" } ?? "null"),
            ("parameters_left", Self.number(removal?.parameters)),
            ("removal_difference", Self.number(removal?.difference)),
            ("removal_difference_float32", Self.number(removal?.differenceInFloat32)),
            ("removal_effect", Self.number(removal?.effect)),
            ("removal_culprit", removal?.culprit.map(Self.quoted) ?? "null"),
            ("removal_passed", "\(removal?.passed ?? false)"),
            ("head_groups", headRemoval.map { "[\($0.halved), \($0.prunable), \($0.groups)]" } ?? "null"),
            ("head_removal_difference", Self.number(headRemoval?.difference)),
            ("head_removal_effect", Self.number(headRemoval?.effect)),
            ("head_removal_culprit", headRemoval?.culprit.map(Self.quoted) ?? "null"),
            ("written", "\(isWritten)"), ("notes", Self.list(notes)), ("error", error.map(Self.quoted) ?? "null"),
        ]
        return "{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }

    fileprivate static func short(_ value: Double) -> String {
        guard value > 0, value.isFinite else { return "\(value)" }
        var (mantissa, exponent) = (value, 0)
        while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        return "\((mantissa * 10).rounded() / 10)e\(exponent)"
    }

    /// JSON has no word for infinity.
    private static func number(_ value: Double?) -> String {
        guard let value else { return "null" }
        return value.isFinite ? "\(value)" : "1e300"
    }

    private static func list(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ", ") + "]" }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _ where scalar.value < 32: " "
            default: "\(scalar)"
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}
