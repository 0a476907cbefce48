import BantamEdge
import BantamGraph
import FoundationEssentials
import Testing

@Suite struct LatencyTests {
    @Test func `Quantiles lie between neighbouring samples`() {
        let samples = DurationSamples([4, 1, 3, 2, 5].map { .milliseconds($0) })
        #expect(samples.median == .milliseconds(3))
        #expect(samples.quantile(0) == .milliseconds(1))
        #expect(samples.quantile(1) == .milliseconds(5))
        #expect(samples.quantile(0.95) > .microseconds(4799) && samples.quantile(0.95) < .microseconds(4801))
        #expect(samples.total == .milliseconds(15))
        #expect(DurationSamples([.seconds(2)]).quantile(0.95) == .seconds(2))
    }

    @Test func `Throughput is images over time`() {
        let measurement = LatencyMeasurement(
            DurationSamples([.milliseconds(10), .milliseconds(30)]), batchSize: 4)
        #expect(abs(measurement.imagesPerSecond - 200) < 1e-6)
    }

    @Test func `Latency is given in milliseconds in JSON and comes back`() throws {
        let measurement = LatencyMeasurement(DurationSamples([.microseconds(2500)]), batchSize: 1)
        let data = try JSONEncoder().encode(measurement)
        #expect(String(decoding: data, as: UTF8.self).contains("\"medianMilliseconds\":2.5"))
        #expect(try JSONDecoder().decode(LatencyMeasurement.self, from: data) == measurement)
    }

    @Test func `A measurement does what it was told, and its figures agree`() throws {
        let session = try InferenceSession(contentsOf: fixture("conv2d_dynamic_batch"))
        let measurement = try LatencyMeasurement.measure(
            session, inputs: try session.exampleInputs(batchSize: 2), warmUp: 3, length: .iterations(50))
        #expect(measurement.iterations == 50)
        #expect(measurement.batchSize == 2)
        #expect(measurement.median > .zero && measurement.median <= measurement.p95)
        #expect(measurement.imagesPerSecond > 0)

        let timed = try LatencyMeasurement.measure(session, length: .duration(.milliseconds(20)))
        #expect(timed.iterations >= MeasurementLength.minimumIterations)
        #expect(timed.batchSize == 1)
    }

    @Test func `Example inputs are the same each time, and ask for dimensions they cannot choose`() throws {
        let session = try InferenceSession(contentsOf: fixture("conv3d"))
        let inputs = try session.exampleInputs(batchSize: 2)
        #expect(inputs[0].shape == [2, 2, 4, 3, 5])
        #expect(try session.exampleInputs(batchSize: 2) == inputs)
        #expect(inputs[0].elements(of: Float.self).allSatisfy { (-1..<1).contains($0) })
    }

    @Test func `A comparison alternates, and its speedup is the median of the pairs' ratios`() {
        let comparison = LatencyComparison(
            first: [.milliseconds(10), .milliseconds(30), .milliseconds(8)],
            second: [.milliseconds(5), .milliseconds(10), .milliseconds(8)])
        #expect(comparison.speedup == 2)

        var order = ""
        _ = LatencyComparison.measure(
            pairs: 2, turn: .zero, first: { order += "a" }, second: { order += "b" })
        // Three times for nothing, then once a turn: no time is too short for one run.
        #expect(order == "ababab" + "ab" + "ba")
    }

    /// The ranks are those of published tables for the median at 95 %.
    @Test(arguments: [(5, nil), (6, 1), (8, 1), (9, 2), (15, 4), (20, 6), (30, 10)] as [(Int, Int?)])
    func `The interval of a speedup lies between two of the ordered ratios`(pairs: Int, rank: Int?) {
        let first = (1...pairs).reversed().map { Duration.milliseconds($0) }
        let comparison = LatencyComparison(
            first: first, second: [Duration](repeating: .milliseconds(1), count: pairs))
        let expected = rank.map { Double($0)...Double(pairs + 1 - $0) }
        #expect(comparison.speedupInterval == expected)
    }

    @Test func `Two sessions can be compared`() throws {
        let small = try InferenceSession(contentsOf: fixture("conv2d"))
        let same = try InferenceSession(contentsOf: fixture("conv2d"))
        let comparison = try LatencyComparison.measure(small, same, pairs: 5, turn: .milliseconds(20))
        #expect(comparison.first.count == 5)
        #expect(comparison.speedup > 0.2 && comparison.speedup < 5)
    }

    @Test func `Several requests at once count every run`() throws {
        let session = try InferenceSession(
            contentsOf: fixture("conv2d"), options: SessionOptions(goal: .throughput))
        let measurement = try ThroughputMeasurement.measure(session, requests: 3, length: .iterations(30))
        #expect(measurement.requests == 3)
        #expect(measurement.runs >= 30)
        #expect(measurement.imagesPerSecond > 0)
        #expect(try ThroughputMeasurement.measure(session, length: .iterations(10)).requests >= 1)
    }
}
