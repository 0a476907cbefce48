import BantamGraph

/// Numbers as people read them.
enum NumberFormatting {
    /// `21840` as `"21,840"`.
    static func grouped(_ number: Int) -> String {
        var digits = String(abs(number))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// A count of operations: `"480.5 k"`, `"1.81 G"`.
    static func operations(_ count: Int) -> String {
        for (unit, scale) in [("G", 1e9), ("M", 1e6), ("k", 1e3)] where Double(count) >= scale {
            return "\(significant(Double(count) / scale)) \(unit)"
        }
        return String(count)
    }

    static func milliseconds(_ seconds: Double) -> String {
        "\(significant(seconds * 1000)) ms"
    }

    /// Three significant digits, never in exponent notation: `"0.0412"`, `"3.14"`, `"128"`.
    static func significant(_ number: Double) -> String {
        guard number != 0, number.isFinite else { return number == 0 ? "0" : "\(number)" }
        var decimals = 2
        var magnitude = abs(number)
        while magnitude >= 10, decimals > 0 {
            magnitude /= 10
            decimals -= 1
        }
        while magnitude < 1, decimals < 9 {
            magnitude *= 10
            decimals += 1
        }
        return fixed(number, decimals: decimals)
    }

    static func fixed(_ number: Double, decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((abs(number) * scale).rounded())
        let sign = number < 0 && scaled != 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % Int(scale))
        let padding = String(repeating: "0", count: decimals - fraction.count)
        return "\(sign)\(scaled / Int(scale)).\(padding)\(fraction)"
    }

    /// A change as `"-52.1 %"`; `"="` when nothing changed.
    static func relativeChange(_ value: Double, from baseline: Double) -> String {
        guard value != baseline else { return "=" }
        guard baseline != 0 else { return "" }
        let percent = (value / baseline - 1) * 100
        return (percent > 0 ? "+" : "") + fixed(percent, decimals: 1) + " %"
    }

    /// A change of a rate in percentage points: `"-0.42 pt"`.
    static func points(_ value: Double, from baseline: Double) -> String {
        guard value != baseline else { return "=" }
        let points = (value - baseline) * 100
        return (points > 0 ? "+" : "") + fixed(points, decimals: 2) + " pt"
    }
}
