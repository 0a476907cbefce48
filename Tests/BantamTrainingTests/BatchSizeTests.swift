import BantamGraph
import BantamTraining
import Testing

@Suite struct BatchSizeTests {
    private let graph = BandProblem().graph()

    @Test(arguments: [(50_000, 128), (1000, 32), (300, 8), (75, 8), (5, 5), (1, 1)])
    func `It follows from the number of samples`(samples: Int, size: Int) throws {
        #expect(try BatchSize.usual(for: graph, samples: samples, available: ByteCount(8 << 30)) == size)
    }

    @Test func `It shrinks with the memory, to one sample at the least`() throws {
        let kept = try KeptForBackward(of: graph).bytes.bytes
        let half = try BatchSize.usual(for: graph, samples: 50_000, available: ByteCount(kept * 2 * 64 * 10 / 4))
        #expect(half == 64)
        #expect(try BatchSize.usual(for: graph, samples: 50_000, available: ByteCount(1)) == 1)
    }
}
