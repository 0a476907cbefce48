import BantamPruning
import BantamReport

/// A sensitivity report for people: a line for each group that can be printed as soon as the group is measured, and a
/// picture.
struct SensitivityChart {
    private let model: String
    private let tolerance: Double
    private let fractions: [Double]
    private let labelWidth: Int

    private static let cellWidth = 7
    /// From nothing left of the score to all of it.
    private static let levels = Array("▁▂▃▄▅▆▇█")

    init(model: String, tolerance: Double, fractions: [Double], layers: [String]) {
        self.model = model
        self.tolerance = tolerance
        self.fractions = fractions
        labelWidth = max(layers.map(\.count).max() ?? 0, "layer".count) + 2
    }

    /// What stands above the lines.
    func heading(of report: SensitivityReport) -> String {
        let columns = fractions.map { Self.percent($0, places: Self.places(of: $0)).padding(leftTo: Self.cellWidth) }
            .joined()
        return """
            \(title(of: report))

            \("layer".padding(to: labelWidth))channels\(columns)  \("".padding(to: fractions.count))  safe cut
            """
    }

    func line(for group: SensitivityReport.Group, baseline: Double) -> String {
        let cells = group.points.map { point in
            Self.percent(point.score, places: 1, sign: "").padding(leftTo: Self.cellWidth)
        }
        let bars = group.points.map { point in
            let share = baseline > 0 ? min(max(point.score / baseline, 0), 1) : 1
            return String(Self.levels[Int((share * Double(Self.levels.count - 1)).rounded())])
        }
        return group.layer.padding(to: labelWidth) + "\(group.channels)".padding(leftTo: 8) + cells.joined() + "  "
            + bars.joined() + "  " + Self.safeCut(of: group)
    }

    /// What the report comes to: which layers to protect.
    func conclusion(of report: SensitivityReport) -> String {
        let tolerated = Self.percent(tolerance, places: 2)
        let layers = report.layersToProtect
        guard report.groups.contains(where: { $0.safeCut != nil }) else {
            return "\nNo layer has so many channels that one would go; give larger --fractions."
        }
        guard !layers.isEmpty else {
            return "\nEach layer can spare some channels at a loss of \(tolerated) or less: none needs to be protected."
        }
        // A layer may be in several groups.
        let names = layers.enumerated().filter { layers.firstIndex(of: $0.element) == $0.offset }.map(\.element)
        let options = names.map { "--protect \(Self.quoted($0))" }.joined(separator: " ")
        return "\n\(layers.count) of \(report.groups.count) lose more than \(tolerated) at the first cut. To keep them:"
            + "\n  bantam prune \(Self.quoted(model)) \(options) ..."
    }

    /// As a picture, for a file.
    func svg(of report: SensitivityReport) -> String {
        let rows = report.groups.map { group in
            let cells = group.points.map { point in
                HeatMap.Cell(
                    Self.percent(point.score, places: 1, sign: ""),
                    severity: report.baseline > 0 ? (report.baseline - point.score) / report.baseline : 0)
            }
            return HeatMap.Row("\(group.layer), \(group.channels)", cells: cells, note: Self.safeCut(of: group))
        }
        return HeatMap(
            title: title(of: report), columns: fractions.map { Self.percent($0, places: Self.places(of: $0)) },
            noteHeading: "safe cut",
            rows: rows
        ).svg()
    }

    private func title(of report: SensitivityReport) -> String {
        let cuts = "when a part of one layer's channels goes, the least important by \(report.criterion) first"
        guard let accuracy = report.accuracy else {
            return "\(model): % of \(report.samples) samples answered as before, \(cuts)"
        }
        return "\(model): % of \(report.samples) samples answered right (\(Self.percent(accuracy, places: 1)) before), "
            + cuts
    }

    private static func safeCut(of group: SensitivityReport.Group) -> String {
        group.safeCut.map { $0 == 0 ? "none" : percent($0, places: places(of: $0)) } ?? "too few channels"
    }

    /// Whole percents, but for a fraction that is less than one.
    private static func places(of fraction: Double) -> Int { fraction < 0.01 ? 2 : 0 }

    private static func percent(_ share: Double, places: Int, sign: String = " %") -> String {
        let number = (share * 100).rounded(places: places)
        // Whole numbers where whole ones are asked for, or where nothing is lost by it.
        guard places == 1 || number != number.rounded() else { return "\(Int(number))\(sign)" }
        return "\(number)\(sign)"
    }

    /// As a shell reads it back.
    private static func quoted(_ name: String) -> String {
        let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "._-/:".contains($0) }
        return isPlain && !name.isEmpty
            ? name : "'\(name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
    }
}

extension String {
    /// Spaces in front, up to a width.
    fileprivate func padding(leftTo width: Int) -> String {
        String(repeating: " ", count: max(width - count, 0)) + self
    }
}
