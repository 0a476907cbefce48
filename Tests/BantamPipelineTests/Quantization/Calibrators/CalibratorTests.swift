import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamModel
@testable import BantamQuantization

@Suite struct CalibratorTests {
    @Test func `Min-max keeps the extremes of all batches`() throws {
        #expect(try range(MinMax(), of: [[1, 5, 2], [-3, 0, 4]]) == ActivationRange(-3, 5))
    }

    @Test func `The moving average starts as the mean of the batches' ranges`() throws {
        #expect(try range(MovingAverage(), of: [[0, 4], [-2, 8], [-1, 6]]) == ActivationRange(-1, 6))
        // From the second batch on each counts a half.
        #expect(try range(MovingAverage(weight: 0.5), of: [[0, 4], [0, 8], [0, 2]]) == ActivationRange(0, 4))
    }

    @Test func `The percentile cuts off outliers and reads quantiles within a bin's width`() throws {
        let values = (1...10_000).map { Float($0) / 10_000 }
        let cut = try #require(try range(Percentile(percentile: 99), of: [values]))
        #expect(abs(cut.upper - 0.99) < 0.001 && abs(cut.lower - 0.01) < 0.001)
        let outlier = try #require(try range(Percentile(percentile: 99.9), of: [values + [50]]))
        #expect(outlier.upper < 1.1)
        #expect(try range(Percentile(percentile: 100), of: [values]) == ActivationRange(0.0001, 1))
    }

    @Test func `Entropy gives up a single outlier and keeps the others`() throws {
        var random = SeededGenerator(seed: 5)
        let values = (0..<200_000).map { _ in random.normal() }
        let narrow = try #require(try range(Entropy(), of: [values + [40]]))
        #expect(narrow.upper < 20)
        #expect(values.count { narrow.lower <= $0 && $0 <= narrow.upper } > 199_900)
    }

    @Test func `MSE gives up as much of an outlier as pays`() throws {
        var random = SeededGenerator(seed: 5)
        let values = (0..<200_000).map { _ in random.normal() } + [40]
        let wide = try #require(try range(MinMax(), of: [values]))
        let narrow = try #require(try range(MeanSquaredError(), of: [values]))
        #expect(narrow.upper < 35)
        #expect(squaredError(of: values, narrow) < squaredError(of: values, wide))
    }

    @Test func `MSE comes within a percent of the best of all ranges`() throws {
        var random = SeededGenerator(seed: 6)
        let values = (0..<5000).map { _ in max(random.normal() * random.normal() * random.normal(), 0) }
        let chosen = try #require(try range(MeanSquaredError(), of: [values]))
        let largest = values.max() ?? 0
        let best = (1...400).map { squaredError(of: values, ActivationRange(0, largest * Float($0) / 400)) }.min() ?? 0
        #expect(squaredError(of: values, chosen) <= 1.01 * best)
    }

    @Test func `A histogram holds the same counts however the values arrive`() {
        var random = SeededGenerator(seed: 2)
        let values = (0..<3000).map { index in random.normal() * (index % 100 == 0 ? 90 : 0.01) } + [0, 0, -64]
        var whole = Histogram()
        add(values, to: &whole)
        var pieces = Histogram()
        for start in stride(from: 0, to: values.count, by: 7) {
            add(Array(values[start..<min(start + 7, values.count)]), to: &pieces)
        }
        #expect(whole.counts == pieces.counts && whole.width == pieces.width && whole.zeroCount == 2)
        // The slow reference: one division a value.
        var expected = [Int](repeating: 0, count: whole.counts.count)
        for value in values where value != 0 {
            expected[Int((Double(value) / whole.width).rounded(.down)) + Histogram.binsPerSide] += 1
        }
        #expect(whole.counts == expected)
    }

    @Test func `The range of a buffer is that of its elements at every length`() {
        var random = SeededGenerator(seed: 4)
        for count in 1...70 {
            let values = (0..<count).map { _ in random.normal() }
            let range = values.withUnsafeBufferPointer { ActivationRange(around: $0) }
            #expect(range?.lower == values.min() && range?.upper == values.max())
        }
    }

    private func range(_ calibrator: any Calibrator, of batches: [[Float]]) throws -> ActivationRange? {
        var calibrator = calibrator
        for batch in batches { try calibrator.observe(TensorData([batch.count], batch), of: "x") }
        return calibrator.range
    }

    private func add(_ values: [Float], to histogram: inout Histogram) {
        values.withUnsafeBufferPointer { buffer in
            guard let bounds = ActivationRange(around: buffer) else { return }
            histogram.add(buffer, bounds: bounds)
        }
    }

    private func squaredError(of values: [Float], _ range: ActivationRange) -> Double {
        let parameters = QuantizationParameters(covering: range, as: .asymmetricUInt8)
        let data = TensorData([values.count], values)
        let restored = parameters.dequantize(parameters.quantize(data)).elements(of: Float.self)
        return zip(values, restored).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    }
}
