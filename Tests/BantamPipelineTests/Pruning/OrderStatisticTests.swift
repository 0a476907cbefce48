import BantamGraph
import Testing

@testable import BantamPruning

@Suite struct OrderStatisticTests {
    /// Numbers of very different kinds, drawn for a test.
    private func numbers(_ kind: String, count: Int, _ random: inout SeededGenerator) -> [Float] {
        (0..<count).map { _ in
            switch kind {
            case "weights": abs(random.normal(standardDeviation: 0.02))
            case "few values": Float(random.integer(below: 4)) / 8
            case "one value": 0.25
            case "all magnitudes": Float(bitPattern: UInt32(random.integer(below: Int(Float.infinity.bitPattern))))
            default: Float(bitPattern: UInt32(random.integer(below: 1 << 10)))
            }
        }
    }

    @Test(arguments: ["weights", "few values", "one value", "all magnitudes", "close to zero"])
    func `Selection agrees with sorting`(kind: String) {
        var random = SeededGenerator(seed: 5).stream(kind)
        for count in [1, 2, 17, 1000] {
            let numbers = numbers(kind, count: count, &random)
            let sorted = numbers.sorted()
            for rank in [1, (count + 1) / 2, random.integer(below: count) + 1, count] {
                #expect(OrderStatistic.smallest(rank, of: numbers) == sorted[rank - 1], "rank \(rank) of \(count)")
            }
        }
    }

    @Test(arguments: [(0, 0), (0, 5), (5, 5), (1, 5), (3, 7), (999, 1000)])
    func `An even choice picks as many as it should, spread out`(chosen: Int, total: Int) {
        var choice = EvenChoice(chosen, of: total)
        let picks = (0..<total).filter { _ in choice.next() }
        #expect(picks.count == chosen)
        let gaps = zip(picks.dropFirst(), picks).map { $0 - $1 }
        if let widest = gaps.max(), let narrowest = gaps.min() { #expect(widest - narrowest <= 1) }
    }
}
