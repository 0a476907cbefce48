import ArgumentParser
import BantamPipeline

/// What a result must keep to, or it is not accepted.
struct LimitOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: """
            The least signal-to-noise ratio of each output against the original's, in dB, such as 20: with less the model is \
            written as NAME.rejected.onnx, and the exit status is 75.
            """)
    var minSnr: Double?

    @Option(
        parsing: .unconditional,
        help: """
            The most accuracy that may be lost on held-out samples, in points such as 1: with a larger loss the model is \
            written as NAME.rejected.onnx, and the exit status is 75.
            """)
    var maxDrop: Double?

    func validate() throws { try Self.validate(minSnr: minSnr, maxDrop: maxDrop) }

    static func validate(minSnr: Double?, maxDrop: Double?) throws {
        if let minSnr, !minSnr.isFinite { throw ValidationError("--min-snr must be a number of decibels.") }
        if let maxDrop, !(maxDrop >= 0 && maxDrop <= 100) {
            throw ValidationError("--max-drop must be between 0 and 100 points.")
        }
    }

    var limits: ResultCheck.Limits { ResultCheck.Limits(leastDecibels: minSnr, largestDrop: maxDrop) }
}
