import Glibc

/// Shows how far a step has come, if it takes long enough for anyone to wonder.
///
/// In a terminal a bar redraws itself; elsewhere a plain line appears now and then.
final class Progress {
    private let console: Console
    private let label: String
    private let start = ContinuousClock.now
    private var lastDrawn: ContinuousClock.Instant
    private var isVisible = false

    /// Steps that end sooner show nothing but their outcome.
    private static let patience = Duration.seconds(1)
    private static let barWidth = 24

    init(_ label: String, on console: Console) {
        self.console = console
        self.label = label
        lastDrawn = start
    }

    /// - Parameters:
    ///   - fraction: What is done, 0...1; `nil` where nobody knows.
    ///   - detail: Figures of the moment, such as the loss.
    func update(_ fraction: Double?, _ detail: String = "") {
        let now = ContinuousClock.now
        let pause: Duration = console.isInteractive ? .milliseconds(100) : .seconds(5)
        guard now - start >= Self.patience, !isVisible || now - lastDrawn >= pause else { return }
        isVisible = true
        lastDrawn = now
        let done = fraction.map { min(max($0, 0), 1) }
        let figures = [done.map { "\(Int(($0 * 100).rounded())) %" }, detail.isEmpty ? nil : detail]
            .compactMap(\.self).joined(separator: " ")
        guard console.isInteractive else { return console.note("\(label): \(figures)") }
        console.write("\r\u{1B}[K\(label)\(done.map(Self.bar) ?? ":") \(figures)", to: STDERR_FILENO)
    }

    private static func bar(_ share: Double) -> String {
        let filled = Int(share * Double(barWidth))
        return " [" + String(repeating: "#", count: filled) + String(repeating: ".", count: barWidth - filled) + "]"
    }

    /// Leaves a line about the step while it goes on.
    func note(_ text: String) {
        clear()
        console.note("  \(text)")
    }

    /// Makes room for a line of the result; the bar comes back with the next update.
    func clear() {
        if isVisible, console.isInteractive { console.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }

    /// Ends the step and leaves one line about it.
    func finish(_ outcome: String) {
        clear()
        let elapsed = ContinuousClock.now - start
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        console.note("\(label): \(outcome) (\((seconds * 10).rounded() / 10) s)")
    }
}
