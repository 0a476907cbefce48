public import BantamGraph
public import BantamModel
import Glibc

/// A model's scores of many samples, in a file; of a model without classes all numbers of its outputs.
///
/// However many there are, they take no memory: they are written as they come and mapped to be read. So several runs,
/// in processes of their own, can be compared sample by sample.
///
/// The file holds nothing but float32 numbers, `[samples, classes]`.
public struct ScoreFile: Sendable {
    public let path: String
    public let samples: Int
    public let classes: Int
    private let scores: TensorStorage

    /// Opens a file of which the number of classes is known.
    ///
    /// - Throws: `GraphError` when it cannot be read; `invalidScores` when it does not hold whole rows.
    public init(_ path: String, classes: Int) throws {
        precondition(classes > 0, "\(classes) classes")
        scores = try MappedFile.open(path)
        let rowBytes = classes * MemoryLayout<Float>.stride
        guard scores.byteCount > 0, scores.byteCount.isMultiple(of: rowBytes) else {
            throw CompressionError.invalidScores(path, bytes: scores.byteCount, classes: classes)
        }
        self.path = path
        self.classes = classes
        samples = scores.byteCount / rowBytes
    }

    /// The scores of one sample, `[classes]`.
    ///
    /// - Precondition: `sample` is in `0..<samples`.
    public func withRow<Result>(_ sample: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result
    {
        precondition((0..<samples).contains(sample), "sample \(sample) of \(samples)")
        let row = scores.bytes.bindMemory(to: Float.self)[sample * classes..<(sample + 1) * classes]
        defer { withExtendedLifetime(scores) {} }
        return try body(UnsafeBufferPointer(rebasing: row))
    }

    /// How these scores differ from others of the same samples.
    ///
    /// - Parameter widths: How many numbers of a row each output has; `nil` where a row is class scores.
    /// - Throws: `scoreMismatch` when there are not as many samples and classes.
    /// - Complexity: O(samples * classes).
    public func compared(
        with reference: ScoreFile, widths: [Int]? = nil
    ) throws(CompressionError) -> ScoreComparison {
        guard samples == reference.samples, classes == reference.classes else {
            throw .scoreMismatch([samples, classes], reference: [reference.samples, reference.classes])
        }
        // Outputs whose size depends on the sample are compared as one.
        var comparison = ScoreComparison(widths: widths.map { $0.reduce(0, +) == classes ? $0 : [classes] })
        for sample in 0..<samples {
            withRow(sample) { row in reference.withRow(sample) { comparison.observe(row, reference: $0) } }
        }
        return comparison
    }
}

extension ScoreFile {
    /// Creates or replaces a file of scores.
    ///
    /// - Parameters:
    ///   - model: Whose scores they are, for errors.
    ///   - body: Given a function that appends rows: scores, one row after the other, and the number of classes.
    /// - Returns: The number of classes.
    /// - Throws: `unwritableScores`; `notFinite` for a score that is NaN or infinite; `noScores` where there are none;
    ///   and what `body` throws.
    public static func write(
        to path: String, model: String, _ body: (_ append: ([Float], Int) throws -> Void) throws -> Void
    ) throws -> Int {
        guard let file = fopen(path, "wb") else { throw CompressionError.unwritableScores(path, reason: systemReason) }
        var isOpen = true
        defer { if isOpen { fclose(file) } }
        var classes = 0
        try body { scores, width in
            guard scores.allSatisfy(\.isFinite) else { throw CompressionError.notFiniteOutput(of: model) }
            precondition(width > 0 && (classes == 0 || classes == width), "rows of \(classes) and of \(width) scores")
            classes = width
            guard fwrite(scores, MemoryLayout<Float>.stride, scores.count, file) == scores.count else {
                throw CompressionError.unwritableScores(path, reason: systemReason)
            }
        }
        guard classes > 0 else { throw CompressionError.noCalibrationData(for: "output of \(model)") }
        isOpen = false
        guard fclose(file) == 0 else { throw CompressionError.unwritableScores(path, reason: systemReason) }
        return classes
    }

    private static var systemReason: String { String(cString: strerror(errno)) }
}
