import BantamGraph
import BantamPipeline
import BantamTestSupport
import Foundation
import Testing

@Suite struct ScoreFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file(_ name: String, _ batches: [[Float]], classes: Int = 3) throws -> ScoreFile {
        let written = try ScoreFile.write(to: folder.file(name), model: name) { append in
            for batch in batches { try append(batch, classes) }
        }
        #expect(written == classes)
        return try ScoreFile(folder.file(name), classes: classes)
    }

    @Test func `Rows come back as they were written, in whatever batches`() throws {
        let scores = try file("scores", [[1, 2, 3, 4, 5, 6], [7, 8, 9]])
        #expect(scores.samples == 3)
        #expect(scores.withRow(0) { Array($0) } == [1, 2, 3] && scores.withRow(2) { Array($0) } == [7, 8, 9])
    }

    @Test func `Answers, distance and noise are counted over all samples`() throws {
        let reference = try file("reference", [[5, 1, 0], [0, 5, 1], [2, 2, 0], [0, 0, 4]])
        let other = try file("other", [[4, 1, 0], [0, 5, 1], [2, 3, 0], [4, 0, 4.5]])
        let comparison = try other.compared(with: reference)
        // Of equal scores the first counts: sample 2 was answered 0, and is answered 1 now.
        #expect(comparison.samples == 4 && comparison.agreeing == 3 && comparison.agreement == 0.75)
        #expect(comparison.largestDifference == 4)
        let (signal, noise) = (25.0 + 1 + 25 + 1 + 4 + 4 + 16, 1 + 1 + 16 + 0.25)
        #expect(abs((comparison.decibels ?? 0) - 10 * log10(signal / noise)) < 1e-9)
        let itself = try reference.compared(with: reference)
        #expect(itself.agreement == 1 && itself.largestDifference == 0 && itself.decibels == nil)
    }

    @Test func `Of several outputs the noisiest counts, and none agrees`() throws {
        let reference = try file("reference", [[5, 1, 0], [0, 5, 1]])
        let other = try file("other", [[5, 1, 1], [0, 5, 1]])
        let comparison = try other.compared(with: reference, widths: [2, 1])
        #expect(comparison.agreement == nil && comparison.samples == 2)
        // The last number of each row alone: 0 and 1 were to be, 1 and 1 are.
        #expect(abs(try #require(comparison.decibels)) < 1e-9)
        // Widths that are not the rows' are those of another sample.
        #expect(try other.compared(with: reference, widths: [7]).decibels ?? 0 > 10)
    }

    @Test func `Other samples or classes are refused, and numbers that are none`() throws {
        let two = try file("two", [[1, 2, 3, 4, 5, 6]])
        let three = try file("three", [[1, 2, 3, 4, 5, 6, 7, 8, 9]])
        #expect(
            errorText { _ = try two.compared(with: three) }.contains(
                "2 samples and 3 classes cannot be compared with those of 3"))
        #expect(errorText { _ = try ScoreFile(two.path, classes: 5) }.contains("24 bytes does not hold rows of 5"))
        #expect(
            errorText { _ = try file("none", [[1, .nan, 3]]) }.contains("The output of none holds NaN or infinity"))
        #expect(errorText { _ = try file("endless", [[1, .infinity, 3]]) }.contains("endless holds NaN"))
        #expect(errorCode { _ = try file("empty", []) } == .noCalibrationData)
        #expect(
            errorText { _ = try ScoreFile.write(to: "/nowhere/scores", model: "a") { _ in } }.contains(
                "/nowhere/scores: The scores cannot be written (No such file"))
    }
}
