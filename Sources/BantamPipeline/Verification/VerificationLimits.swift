public import BantamGraph

/// What a compressed model must keep. Nothing is demanded by default but that integers are integers.
public struct VerificationLimits: Hashable, Sendable, Codable {
    /// Percentage points of top-1 accuracy that the exported file may lose.
    public var maximumDrop: Double?
    /// Percent of the samples that the exported file must answer as the original does.
    public var minimumAgreement: Double?
    /// Decibels of the exported file's scores beside their error.
    public var minimumOutputDecibels: Double?
    public var maximumFileSize: ByteCount?

    public init(
        maximumDrop: Double? = nil, minimumAgreement: Double? = nil, minimumOutputDecibels: Double? = nil,
        maximumFileSize: ByteCount? = nil
    ) {
        self.maximumDrop = maximumDrop
        self.minimumAgreement = minimumAgreement
        self.minimumOutputDecibels = minimumOutputDecibels
        self.maximumFileSize = maximumFileSize
    }

    /// One limit and what was found.
    public struct Outcome: Hashable, Sendable, Codable {
        /// What is limited, for people.
        public var name: String
        public var demanded: String
        public var found: String
        public var isKept: Bool
    }

    /// Holds the limits against a report: those of accuracy against its first exported run.
    ///
    /// - Returns: An outcome for each limit that was set, and always one for the stored weights.
    public func outcomes(for report: VerificationReport) -> [Outcome] {
        outcomes(for: report, exported: report.exportedRuns.first)
    }

    /// Which limits the first exported run keeps and another one breaks, a sentence each.
    public func warnings(for report: VerificationReport) -> [String] {
        let kept = outcomes(for: report).map(\.isKept)
        return report.exportedRuns.dropFirst().flatMap { run in
            zip(outcomes(for: report, exported: run), kept).filter { !$0.isKept && $1 }.map { outcome, _ in
                "With \(run.instructionSet ?? run.runtime) a limit would be broken: \(outcome.name) \(outcome.found), "
                    + "\(outcome.demanded)."
            }
        }
    }

    private func outcomes(for report: VerificationReport, exported: VerificationReport.Run?) -> [Outcome] {
        var outcomes = [storedWeights(of: report)]
        if let maximumDrop {
            // Without labels nobody knows, and what is not known is not kept.
            let drop = exported?.top1.flatMap { top1 in report.originalRun?.top1.map { ($0 - top1) * 100 } }
            outcomes.append(
                Outcome(
                    name: "drop of top-1 accuracy", demanded: "at most \(Self.text(maximumDrop)) points",
                    found: drop.map { "\(Self.text($0)) points" } ?? "unknown",
                    isKept: drop.map { $0 <= maximumDrop + Self.slack } ?? false))
        }
        if let minimumAgreement {
            let agreement = exported?.fromOriginal?.agreement.map { $0 * 100 }
            outcomes.append(
                Outcome(
                    name: "agreement with the original", demanded: "at least \(Self.text(minimumAgreement)) %",
                    found: agreement.map { "\(Self.text($0)) %" } ?? "unknown",
                    isKept: agreement.map { $0 >= minimumAgreement - Self.slack } ?? false))
        }
        if let minimumOutputDecibels {
            let distance = exported?.fromOriginal
            let decibels = distance.map { $0.decibels ?? .infinity }
            outcomes.append(
                Outcome(
                    name: "signal-to-noise of the outputs", demanded: "at least \(Self.text(minimumOutputDecibels)) dB",
                    found: distance.map { $0.decibels.map { "\(Self.text($0)) dB" } ?? "no noise" } ?? "unknown",
                    isKept: decibels.map { $0 >= minimumOutputDecibels } ?? false))
        }
        if let maximumFileSize {
            let size = report.compressed.fileBytes
            outcomes.append(
                Outcome(
                    name: "file size", demanded: "at most \(maximumFileSize.bytes) bytes",
                    found: "\(size.bytes) bytes", isKept: size <= maximumFileSize))
        }
        return outcomes
    }

    private func storedWeights(of report: VerificationReport) -> Outcome {
        let weights = report.compressed.weights
        let faults = weights.faults.count
        let integers = weights.count(.integer) + weights.count(.integerWeights)
        return Outcome(
            name: "weights of quantized layers", demanded: "stored as integers",
            found: faults > 0
                ? "\(faults) of \(faults + integers) hold floating-point numbers"
                : integers > 0 ? "\(integers) stored as integers" : "no layer is quantized",
            isKept: faults == 0)
    }

    /// Shares are divisions, and a limit may be met exactly.
    private static let slack = 1e-9

    private static func text(_ number: Double) -> String {
        let rounded = (number * 100).rounded() / 100
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }
}
