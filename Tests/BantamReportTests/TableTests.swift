import BantamReport
import Testing

@Suite struct TableTests {
    private let table = Table(
        columns: [Table.Column("model", isNumeric: false), Table.Column("MACs"), Table.Column("top-1 | %")],
        rows: [
            ["original", "480 k", "91.20"],
            ["pruned", Table.Cell("240 k", change: "-50.0 %"), Table.Cell("90.78", change: "-0.42 pt")],
            ["a|b", Table.Cell("1.00 M", change: "+108.3 %"), "91.20"],
        ])

    @Test func `Columns are aligned for a terminal, with changes below the values`() {
        #expect(
            table.plainText() == """
                model         MACs  top-1 | %
                --------  --------  ---------
                original     480 k      91.20
                pruned       240 k      90.78
                           -50.0 %   -0.42 pt
                a|b         1.00 M      91.20
                          +108.3 %

                """)
    }

    @Test func `Markdown escapes what would end a cell`() {
        #expect(
            table.markdown() == """
                | model | MACs | top-1 \\| % |
                | --- | ---: | ---: |
                | original | 480 k | 91.20 |
                | pruned | 240 k<br>-50.0 % | 90.78<br>-0.42 pt |
                | a\\|b | 1.00 M<br>+108.3 % | 91.20 |

                """)
    }

    @Test func `A table without rows has a heading, and no line ends in a space`() {
        let empty = Table(columns: [Table.Column("name", isNumeric: false), Table.Column("value")], rows: [])
        #expect(empty.plainText() == "name  value\n----  -----\n")
        #expect(empty.markdown() == "| name | value |\n| --- | ---: |\n")
        let text = Table(columns: [Table.Column("a"), Table.Column("b", isNumeric: false)], rows: [["1", ""]])
        #expect(text.plainText() == "a  b\n-  -\n1\n")
    }

    @Test func `Characters are counted, not bytes`() {
        let table = Table(columns: [Table.Column("größe", isNumeric: false), Table.Column("n")], rows: [["é", "1"]])
        #expect(table.plainText() == "größe  n\n-----  -\né      1\n")
    }
}
