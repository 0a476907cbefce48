import BantamNetwork

/// What came out of loading a weight file.
struct LoadedWeights: Encodable {
    var file: String
    var format: WeightFile.Format
    /// The keys under which the tensors lie in the file.
    var path: [String]
    var plan: WeightPlan

    var text: String {
        var origin = "  weights         \(file) (\(format.rawValue)"
        if !path.isEmpty { origin += ", under \(path.joined(separator: "."))" }
        if !plan.prefix.isEmpty { origin += ", names without \(plan.prefix)" }
        var lines = [origin + ")"]
        lines.append("  loaded          \(plan.loaded.count) tensors\(conversions)")
        if !plan.reinitialized.isEmpty {
            lines.append("  re-initialized  the classifier: \(plan.reinitialized.joined(separator: ", "))")
        }
        let mismatched = plan.mismatched.map { "\($0.name) (\($0.file), not \($0.network))" }
        for (title, names) in [
            ("missing         ", plan.missing), ("of other shape  ", mismatched), ("unused          ", plan.unused),
        ] where !names.isEmpty {
            lines.append("  \(title)\(names.count): \(names.prefix(8).joined(separator: ", "))")
            if names.count > 8 { lines[lines.count - 1] += ", ... (--json has all)" }
        }
        return lines.joined(separator: "\n")
    }

    private var conversions: String {
        let parts = plan.converted.sorted { $0.key < $1.key }.map { "\($1) converted from \($0)" }
        return parts.isEmpty ? "" : ", " + parts.joined(separator: ", ")
    }
}
