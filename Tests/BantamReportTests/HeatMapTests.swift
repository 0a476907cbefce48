import BantamReport
import Testing

@Suite struct HeatMapTests {
    private let map = HeatMap(
        title: "A & B", columns: ["10 %", "20 %"], noteHeading: "safe",
        rows: [
            .init("first", cells: [.init("99.0", severity: 0), .init("50.0", severity: 1)], note: "10 %"),
            .init("<second>", cells: [.init("98.0", severity: 0.5), .init("7.5", severity: 7)]),
        ])

    @Test func `Every cell has a field of its colour and its text`() {
        let svg = map.svg()
        #expect(svg.hasPrefix("<svg xmlns=") && svg.hasSuffix("</svg>\n"))
        let fields = svg.split(separator: "\n").filter { $0.contains("<rect x=") }
        #expect(fields.count == 4)
        #expect(fields[0].contains(#"fill="rgb(255,255,255)""#) && fields[1].contains(#"fill="rgb(165,0,38)""#))
        #expect(fields[2].contains(#"fill="rgb(210,128,147)""#) && fields[3].contains(#"fill="rgb(165,0,38)""#))
        for text in ["99.0", "50.0", "98.0", "7.5", "10 %", "20 %", "safe", "first"] {
            #expect(svg.contains(">\(text)</text>"), "\(text)")
        }
        // Light numbers on dark fields.
        #expect(svg.contains(#"fill="white">50.0<"#) && svg.contains(#"fill="black">99.0<"#))
    }

    @Test func `Names cannot break out of the picture`() {
        let svg = map.svg()
        #expect(svg.contains(">&lt;second&gt;</text>") && svg.contains("<title>A &amp; B</title>"))
        let row = HeatMap.Row("a\u{7}\"b", cells: [])
        #expect(HeatMap(title: "", columns: [], rows: [row]).svg().contains(">a &quot;b</text>"))
    }

    @Test func `Cells lie in a grid`() {
        let lines = map.svg().split(separator: "\n")
        func places(_ name: String) -> [Int] {
            lines.filter { $0.contains("<rect x=") }.compactMap { line in
                line.split(separator: "\(name)=\"").last?.split(separator: "\"").first.flatMap { Int($0) }
            }
        }
        let (x, y) = (places(" x"), places(" y"))
        #expect(x[0] == x[2] && x[1] == x[3] && x[0] < x[1])
        #expect(y[0] == y[1] && y[2] == y[3] && y[0] < y[2])
    }
}
