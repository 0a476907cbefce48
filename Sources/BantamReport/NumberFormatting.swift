import BantamGraph

/// Numbers as people read them.
public enum NumberFormatting {
    /// `21840` as `"21,840"`.
    static func grouped(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// A count of operations: `"481 k"`, `"1.81 G"`.
    static func operations(_ count: Int) -> String {
        // 999,950 reads as 1.00 M, not as 1000 k.
        for (unit, scale) in [("G", 1e9), ("M", 1e6), ("k", 1e3)] where Double(count) >= 0.9995 * scale {
            return "\(significant(Double(count) / scale)) \(unit)"
        }
        return String(count)
    }

    static func milliseconds(_ seconds: Double) -> String {
        "\(significant(seconds * 1000)) ms"
    }

    /// Three significant digits, never in exponent notation: `"0.0412"`, `"3.14"`, `"128"`.
    public static func significant(_ number: Double) -> String {
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
        // What is rounded up to a power of ten has a digit more before the point.
        if magnitude >= 9.995, decimals > 0 { decimals -= 1 }
        return fixed(number, decimals: decimals)
    }

    /// Rounded half up; without a sign when that gives zero.
    public static func fixed(_ number: Double, decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        guard let scaled = Int(exactly: (abs(number) * scale).rounded()) else { return "\(number)" }
        let sign = number < 0 && scaled != 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % Int(scale))
        let padding = String(repeating: "0", count: decimals - fraction.count)
        return "\(sign)\(scaled / Int(scale)).\(padding)\(fraction)"
    }

    /// A change as `"-52.1 %"`; `"="` when nothing changed, `nil` when the baseline is zero.
    public static func relativeChange(_ value: Double, from baseline: Double) -> String? {
        guard value != baseline else { return "=" }
        guard baseline != 0 else { return nil }
        return signed((value / baseline - 1) * 100, decimals: 1) + " %"
    }

    /// A change of a rate in percentage points: `"-0.42 pt"`.
    public static func points(_ value: Double, from baseline: Double) -> String {
        guard value != baseline else { return "=" }
        return signed((value - baseline) * 100, decimals: 2) + " pt"
    }

    /// With a plus or a minus unless it rounds to zero.
    private static func signed(_ number: Double, decimals: Int) -> String {
        let text = fixed(number, decimals: decimals)
        return number > 0 && text != fixed(0, decimals: decimals) ? "+" + text : text
    }
}
