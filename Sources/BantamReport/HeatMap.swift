/// Numbers by row and column, each on a field whose colour says how bad it is, as a picture in SVG.
public struct HeatMap: Sendable, Equatable {
    public struct Row: Sendable, Equatable {
        public var label: String
        public var cells: [Cell]
        /// What stands behind the cells.
        public var note: String

        public init(_ label: String, cells: [Cell], note: String = "") {
            self.label = label
            self.cells = cells
            self.note = note
        }
    }

    public struct Cell: Sendable, Equatable {
        public var text: String
        /// From 0, white, to 1, dark red.
        public var severity: Double

        public init(_ text: String, severity: Double) {
            self.text = text
            self.severity = severity
        }
    }

    public var title: String
    public var columns: [String]
    /// Over the notes.
    public var noteHeading: String
    public var rows: [Row]

    /// - Precondition: each row has one cell a column.
    public init(title: String, columns: [String], noteHeading: String = "", rows: [Row]) {
        precondition(
            rows.allSatisfy { $0.cells.count == columns.count }, "a row does not fit the \(columns.count) columns")
        self.title = title
        self.columns = columns
        self.noteHeading = noteHeading
        self.rows = rows
    }

    private static let rowHeight = 22
    private static let cellWidth = 52
    private static let noteWidth = 90
    private static let margin = 12
    /// Of one character, about; fonts differ.
    private static let characterWidth = 7

    /// The whole file.
    public func svg() -> String {
        let labelWidth = (rows.map(\.label.count).max() ?? 0) * Self.characterWidth + 12
        let left = Self.margin + labelWidth
        let right = left + columns.count * Self.cellWidth
        let width = max(
            right + Self.noteWidth + Self.margin, title.count * Self.characterWidth + 2 * Self.margin)
        let top = Self.margin + 2 * Self.rowHeight + 8
        let height = top + rows.count * Self.rowHeight + Self.margin
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(width)" height="\#(height)" "#
                + #"viewBox="0 0 \#(width) \#(height)" font-family="sans-serif" font-size="12" role="img">"#,
            "<title>\(Self.escaped(title))</title>",
            #"<rect width="100%" height="100%" fill="white"/>"#,
            text(title, x: Self.margin, y: Self.margin + 14, weight: "bold"),
        ]
        let headingY = top - 8
        for (column, heading) in columns.enumerated() {
            lines.append(text(heading, x: center(column, left), y: headingY, anchor: "middle"))
        }
        lines.append(text(noteHeading, x: right + 8, y: headingY))
        for (index, row) in rows.enumerated() {
            let y = top + index * Self.rowHeight
            lines.append(text(row.label, x: Self.margin, y: y + 15))
            for (column, cell) in row.cells.enumerated() {
                lines.append(
                    #"<rect x="\#(left + column * Self.cellWidth)" y="\#(y)" width="\#(Self.cellWidth - 2)" "#
                        + #"height="\#(Self.rowHeight - 2)" fill="\#(Self.color(cell.severity))"/>"#)
                // Dark fields need light numbers.
                let color = cell.severity > 0.5 ? "white" : "black"
                lines.append(text(cell.text, x: center(column, left), y: y + 15, anchor: "middle", color: color))
            }
            lines.append(text(row.note, x: right + 8, y: y + 15))
        }
        return lines.joined(separator: "\n") + "\n</svg>\n"
    }

    private func center(_ column: Int, _ left: Int) -> Int {
        left + column * Self.cellWidth + (Self.cellWidth - 2) / 2
    }

    private func text(
        _ text: String, x: Int, y: Int, anchor: String = "start", weight: String = "normal", color: String = "black"
    ) -> String {
        #"<text x="\#(x)" y="\#(y)" text-anchor="\#(anchor)" font-weight="\#(weight)" fill="\#(color)">"#
            + "\(Self.escaped(text))</text>"
    }

    /// From white to a red that also those who see no red from green can tell from it.
    private static func color(_ severity: Double) -> String {
        let share = min(max(severity, 0), 1)
        func channel(_ end: Double) -> Int { Int((255 + (end - 255) * share).rounded()) }
        return "rgb(\(channel(165)),\(channel(0)),\(channel(38)))"
    }

    /// Names of layers are anybody's.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // XML has no way to write most control characters.
            case "\u{0}"..<"\u{20}": result += " "
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
