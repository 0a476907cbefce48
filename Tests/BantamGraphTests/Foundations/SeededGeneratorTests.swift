import BantamGraph
import Testing

@Suite struct SeededGeneratorTests {
    /// The first outputs of the reference implementation (Vigna, splitmix64.c) for the seed 1234567.
    @Test func `The sequence is SplitMix64's`() {
        var random = SeededGenerator(seed: 1_234_567)
        let expected: [UInt64] = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        #expect(expected == [random.next(), random.next(), random.next()])
    }

    @Test func `Uniform numbers fill their interval evenly`() {
        var random = SeededGenerator(seed: 1)
        let numbers = (0..<20_000).map { _ in random.uniform(in: -1...3) }
        #expect(numbers.allSatisfy { (-1...3).contains($0) })
        #expect(abs(numbers.reduce(0, +) / 20_000 - 1) < 0.03)
    }

    @Test func `Normal numbers have the mean and deviation asked for`() {
        var random = SeededGenerator(seed: 2)
        let numbers = (0..<20_000).map { _ in random.normal(mean: 5, standardDeviation: 2) }
        let mean = numbers.reduce(0, +) / 20_000
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean - 5) < 0.05 && abs(variance - 4) < 0.15)
    }

    @Test func `A permutation has each number once, and each place gets each number`() {
        var random = SeededGenerator(seed: 3)
        #expect(random.permutation(count: 100).sorted() == Array(0..<100))
        let firsts = Set((0..<200).map { _ in random.permutation(count: 5)[0] })
        #expect(firsts == [0, 1, 2, 3, 4])
    }

    @Test func `A stream depends on its name, not on what was drawn`() {
        var random = SeededGenerator(seed: 4)
        let before = random.stream("weights")
        _ = random.next()
        #expect(random.stream("weights") == before)
        #expect(random.stream("order") != before)
    }
}
