/// Rows of text under headings, to be rendered for a terminal, in Markdown or in HTML.
public struct Table: Sendable, Equatable {
    public struct Column: Sendable, Equatable {
        public var heading: String
        public var isNumeric: Bool

        public init(_ heading: String, isNumeric: Bool = true) {
            self.heading = heading
            self.isNumeric = isNumeric
        }
    }

    /// A value and, where there is one, its change against the baseline.
    public struct Cell: Sendable, Equatable, ExpressibleByStringLiteral {
        public var text: String
        public var change: String?

        public init(_ text: String, change: String? = nil) {
            self.text = text
            self.change = change
        }

        public init(stringLiteral text: String) { self.init(text) }
    }

    public var columns: [Column]
    public var rows: [[Cell]]

    /// - Precondition: each row has one cell a column.
    public init(columns: [Column], rows: [[Cell]]) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "a row does not fit the \(columns.count) columns")
        self.columns = columns
        self.rows = rows
    }

    /// For a terminal: aligned columns, changes on a line of their own below the values.
    public func plainText() -> String {
        let widths = columns.indices.map { column in
            ([columns[column].heading] + rows.flatMap { [$0[column].text, $0[column].change ?? ""] })
                .map(\.count).max() ?? 0
        }
        func line(_ texts: [String]) -> String {
            let cells = zip(zip(texts, widths), columns).map { cell, column in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return column.isNumeric ? padding + cell.0 : cell.0 + padding
            }
            return trimmingTrailingSpaces(cells.joined(separator: "  "))
        }
        var lines = [
            line(columns.map(\.heading)), widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "),
        ]
        for row in rows {
            lines.append(line(row.map(\.text)))
            if row.contains(where: { $0.change != nil }) { lines.append(line(row.map { $0.change ?? "" })) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// In GitHub's Markdown.
    public func markdown() -> String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        func escaped(_ text: String) -> String {
            text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
        }
        var lines = [line(columns.map { escaped($0.heading) }), line(columns.map { $0.isNumeric ? "---:" : "---" })]
        lines += rows.map { row in
            line(row.map { cell in escaped(cell.text) + (cell.change.map { "<br>" + escaped($0) } ?? "") })
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func trimmingTrailingSpaces(_ text: String) -> String {
        guard let end = text.lastIndex(where: { $0 != " " }) else { return "" }
        return String(text[...end])
    }
}
