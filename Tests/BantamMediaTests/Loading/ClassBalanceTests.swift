import BantamMedia
import Testing

@Suite struct ClassBalanceTests {
    private let labels =
        Array(repeating: 0, count: 60) + Array(repeating: 1, count: 30) + Array(repeating: 2, count: 10)

    @Test func `Weights are inverse to frequency, with a mean of one over the samples`() {
        let weights = ClassBalance.weights(labels: labels, classCount: 4)
        #expect(weights[3] == 0)
        let sums = [60 * weights[0], 30 * weights[1], 10 * weights[2]]
        #expect(sums.allSatisfy { abs($0 - 100.0 / 3) < 1e-9 })
        #expect(ClassBalance.weights(labels: labels, classCount: 3, exponent: 0).allSatisfy { abs($0 - 1) < 1e-12 })
        let milder = ClassBalance.weights(labels: labels, classCount: 3, exponent: 0.5)
        #expect(abs(milder[2] / milder[0] - 6.squareRoot()) < 1e-9)
        #expect(ClassBalance.weights(labels: [Sample.noLabel], classCount: 2) == [0, 0])
    }

    @Test func `Each class comes equally often, and its samples in turn`() {
        var seen = [Int](repeating: 0, count: labels.count)
        for epoch in 0..<6 {
            let order = ClassBalance.order(labels: labels, epoch: epoch, seed: 5)
            #expect(order.count == 100)
            let counts = (0..<3).map { label in order.count { labels[$0] == label } }
            #expect(counts.allSatisfy { $0 == 33 || $0 == 34 })
            for index in order { seen[index] += 1 }
            // Ten samples of the rare class fill 33 places: three whole rounds, or two and parts of two others.
            let rare = (90..<100).map { index in order.count { $0 == index } }
            #expect((rare.min() ?? 0) >= 2 && (rare.max() ?? 0) <= 4)
        }
        #expect(seen.allSatisfy { $0 > 0 })
        #expect((seen[..<60].max() ?? 0) - (seen[..<60].min() ?? 0) <= 2)
        #expect(
            ClassBalance.order(labels: labels, epoch: 1, seed: 5)
                == ClassBalance.order(labels: labels, epoch: 1, seed: 5))
        #expect(
            ClassBalance.order(labels: labels, epoch: 1, seed: 5)
                != ClassBalance.order(labels: labels, epoch: 2, seed: 5))
        #expect(
            ClassBalance.order(labels: labels, epoch: 1, seed: 5)
                != ClassBalance.order(labels: labels, epoch: 1, seed: 6))
        #expect(ClassBalance.order(labels: [], epoch: 0, seed: 0).isEmpty)
    }

    @Test func `A loader shows the classes equally often`() throws {
        let samples = labels.map { Sample(.image(Image(width: 1, height: 1, filledWith: [0])), label: $0, name: "x") }
        let data = SampleArray(samples, classNames: ["a", "b", "c"])
        let loader = try BatchLoader(
            data, preprocessing: try Preprocessing(colorOrder: .gray), batchSize: 10, shuffles: true,
            balancesClasses: true, seed: 5)
        let batches = loader.batches(epoch: 3)
        var indices: [Int] = []
        while let batch = try batches.next() { indices += batch.indices }
        #expect(indices == ClassBalance.order(labels: labels, epoch: 3, seed: 5))
        #expect(
            mediaErrorCode {
                _ = try BatchLoader(data, preprocessing: try Preprocessing(), batchSize: 1, balancesClasses: true)
            } == .invalidOption)
        #expect(
            mediaErrorCode {
                _ = try BatchLoader(
                    UnlabelledDataset(data), preprocessing: try Preprocessing(), batchSize: 1, shuffles: true,
                    balancesClasses: true)
            } == .invalidOption)
    }

    @Test func `Data of one input only are told`() throws {
        func data(_ values: [UInt8]) -> SampleArray {
            SampleArray(
                values.map { Sample(.image(Image(width: 2, height: 2, filledWith: [$0])), label: -1, name: "x") },
                classNames: [])
        }
        let preprocessing = try Preprocessing(colorOrder: .gray)
        let one = try data([3]).variety(preprocessing: preprocessing)
        #expect(one.sampleCount == 1 && one.warning?.contains("one sample") == true)
        let equal = try data(Array(repeating: 7, count: 50)).variety(preprocessing: preprocessing)
        #expect(equal.distinctCount == 1 && equal.warning?.contains("All 32") == true)
        // The different one lies anywhere among those that are looked at.
        let varied = try data(Array(repeating: 7, count: 30) + [8]).variety(preprocessing: preprocessing)
        #expect(varied.sampleCount == 31 && varied.distinctCount == 2 && varied.warning == nil)
        // Files may differ where the input does not.
        let coarse = try Preprocessing(resize: .exact(width: 1, height: 1), colorOrder: .gray)
        let mirrored = [[UInt8](arrayLiteral: 0, 100), [100, 0]].map {
            Sample(.image(Image(width: 2, height: 1, channels: 1, pixels: $0)), label: -1, name: "x")
        }
        #expect(try SampleArray(mirrored, classNames: []).variety(preprocessing: coarse).distinctCount == 1)
    }
}
