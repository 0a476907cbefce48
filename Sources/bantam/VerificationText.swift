import BantamGraph
import BantamPipeline
import BantamReport

/// A verification for people: what it comes to, then the worst of each kind.
struct VerificationText {
    private let report: VerificationReport
    /// The rows of a table whose rest is in the JSON.
    private static let shownRows = 10

    init(_ report: VerificationReport) {
        self.report = report
    }

    var text: String {
        [heading, runs, layers, classes, weights, limits].compactMap(\.self).joined(separator: "\n\n")
    }

    private var heading: String {
        "\(report.compressed.path) beside \(report.original.path), on \(report.samples) samples of \(report.data) "
            + "(\(report.split))"
    }

    // MARK: Runs

    private var runs: String {
        let table = Table(
            columns: [
                Table.Column("", isNumeric: false), Table.Column("run by", isNumeric: false), Table.Column("top-1"),
                Table.Column("top-5"), Table.Column("same answers"), Table.Column("output SNR"),
                Table.Column("largest difference"), Table.Column("from simulated"),
            ],
            rows: report.runs.map { run in
                let before = report.originalRun?.top1
                let change = run.top1.flatMap { top1 in before.map { NumberFormatting.points(top1, from: $0) } }
                return [
                    Table.Cell(run.model.rawValue),
                    Table.Cell([run.runtime, run.instructionSet].compactMap(\.self).joined(separator: ", ")),
                    Table.Cell(percent(run.top1), change: run.model == .original ? nil : change),
                    Table.Cell(percent(run.top5)), Table.Cell(percent(run.fromOriginal?.agreement)),
                    Table.Cell(run.fromOriginal.map { Self.decibels($0.decibels) } ?? "-"),
                    Table.Cell(difference(run.fromOriginal)), Table.Cell(difference(run.fromSimulated)),
                ]
            })
        let sets = report.exportedRuns.compactMap(\.instructionSet).joined(separator: ", ")
        return table.plainText() + "Instruction sets tried: \(sets)."
    }

    private func percent(_ share: Double?) -> String {
        share.map { NumberFormatting.fixed($0 * 100, decimals: 2) + " %" } ?? "-"
    }

    private func difference(_ distance: VerificationReport.Distance?) -> String {
        distance.map { NumberFormatting.significant(Double($0.largestDifference)) } ?? "-"
    }

    private static func decibels(_ decibels: Double?) -> String {
        decibels.map { NumberFormatting.fixed($0, decimals: 1) + " dB" } ?? "equal"
    }

    // MARK: Layers and classes

    private var layers: String? {
        guard !report.layers.isEmpty else {
            return report.layerSamples == 0
                ? nil : "No layers could be compared: the models have no names of values in common."
        }
        let shown = report.layers.prefix(Self.shownRows)
        let table = Table(
            columns: [
                Table.Column("noisiest layers", isNumeric: false), Table.Column("SNR"),
            ],
            rows: shown.map { [Table.Cell($0.layer), Table.Cell(Self.decibels($0.decibels))] })
        return table.plainText()
            + rest(shown.count, of: report.layers.count, "layers, on \(report.layerSamples) samples")
    }

    private var classes: String? {
        guard !report.classes.isEmpty else { return nil }
        let shown = report.classes.prefix(Self.shownRows)
        let table = Table(
            columns: [
                Table.Column("classes that lost most", isNumeric: false), Table.Column("samples"),
                Table.Column("original"), Table.Column("exported"), Table.Column("change"),
            ],
            rows: shown.map { entry in
                let (before, after) = (
                    Double(entry.correctBefore) / Double(entry.samples),
                    Double(entry.correctAfter) / Double(entry.samples)
                )
                return [
                    Table.Cell(entry.name), Table.Cell("\(entry.samples)"), Table.Cell(percent(before)),
                    Table.Cell(percent(after)), Table.Cell(NumberFormatting.points(after, from: before)),
                ]
            })
        return table.plainText() + rest(shown.count, of: report.classes.count, "classes")
    }

    private func rest(_ shown: Int, of count: Int, _ what: String) -> String {
        "\(shown) of \(count) \(what)\(shown < count ? "; all with --json" : "")."
    }

    // MARK: The file

    private var weights: String {
        let storage = report.compressed.weights
        let totals = storage.totals.map { "\($0.dtype.rawValue) \($0.storedBytes)" }.joined(separator: ", ")
        let kinds: [(WeightStorage.Kind, String)] = [
            (.integer, "in integers"), (.integerWeights, "with integer weights, computed in floating point"),
            (.float, "in floating point"), (.floatInQuantizedLayer, "quantized in appearance only"),
        ]
        let counts = kinds.filter { storage.count($0.0) > 0 }.map { "\(storage.count($0.0)) \($0.1)" }
        let (before, after) = (report.original.fileBytes, report.compressed.fileBytes)
        let ratio = NumberFormatting.fixed(Double(before.bytes) / Double(max(after.bytes, 1)), decimals: 2)
        var lines = [
            "file      \(before) -> \(after), \(ratio) times smaller", "constants \(totals)",
            "layers    \(counts.joined(separator: "; "))",
        ]
        lines += storage.faults.map { "  \($0.layer): \($0.fault ?? "")" }
        let float = storage.layers.filter { $0.kind == .float }.map(\.layer)
        if !float.isEmpty, float.count < storage.layers.count {
            let shown = float.prefix(Self.shownRows)
            lines.append(
                "  in floating point: \(shown.joined(separator: ", "))\(shown.count < float.count ? ", ..." : "")")
        }
        return lines.joined(separator: "\n")
    }

    private var limits: String {
        let table = Table(
            columns: ["limit", "demanded", "found", ""].map { Table.Column($0, isNumeric: false) },
            rows: report.limits.map {
                [
                    Table.Cell($0.name), Table.Cell($0.demanded), Table.Cell($0.found),
                    Table.Cell($0.isKept ? "kept" : "BROKEN"),
                ]
            })
        let broken = report.limits.count { !$0.isKept }
        let verdict = broken == 0 ? "Every limit is kept." : "\(broken) of \(report.limits.count) limits broken."
        return ([table.plainText() + verdict] + report.warnings).joined(separator: "\n")
    }
}
