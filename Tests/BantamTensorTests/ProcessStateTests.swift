import BantamGraph
import BantamTensor
import Testing

/// State that all threads share is tested in processes of their own, since other suites run at the same time.
@Suite struct ProcessStateTests {
    @Test func `The memory meter counts to the byte and tells the peak`() async {
        await #expect(processExitsWith: .success) {
            let meter = MemoryMeter()
            let start = try meter.read()
            do {
                let tensor = try Tensor.zeros([1024, 1024])
                #expect(try meter.read().current - start.current == ByteCount(4 << 20))
                _ = try tensor.adding(1)
                #expect(try meter.read().current - start.current == ByteCount(4 << 20))
            }
            let end = try meter.read()
            #expect(end.current == start.current)
            // A scalar operand takes a few bytes of its own.
            #expect(end.peak - start.current >= ByteCount(8 << 20) && end.peak - start.current < ByteCount(9 << 20))
            try meter.resetPeak()
            #expect(try meter.read().peak == start.current)
        }
    }

    @Test func `Freed blocks are kept, reused and given back on request`() async {
        await #expect(processExitsWith: .success) {
            let meter = MemoryMeter()
            let size = ByteCount(16 << 20)
            do { _ = try Tensor.zeros([4 << 20]) }
            let kept = try meter.read().kept
            #expect(kept >= size)
            do {
                let again = try Tensor.zeros([4 << 20])
                #expect(try meter.read().kept + size <= kept)
                _ = again
            }
            #expect(try meter.read().kept == kept)
            try meter.releaseKept()
            #expect(try meter.read().kept == .zero)
        }
    }

    @Test func `Blocks of sizes no longer asked for do not pile up`() async {
        await #expect(processExitsWith: .success) {
            let meter = MemoryMeter()
            for mebibytes in 10...100 { _ = try Tensor.zeros([mebibytes << 18]) }
            // Half of the most that was in use, plus 64 MiB of leeway; blocks may be a quarter larger than asked for.
            #expect(try meter.read().kept < .mebibytes(100 * 1.25 * 1.5 + 64))
        }
    }

    @Test func `The number of threads can be set`() async {
        await #expect(processExitsWith: .success) {
            try Threads.setCount(1)
            #expect(try Threads.count() == 1)
            try Threads.setCount(2)
            #expect(try Threads.count() == 2)
        }
    }

    @Test func `libtorch tells what it is`() throws {
        #expect(try Torch.version().hasPrefix("2."))
        #expect(try !Torch.cpuCapability().isEmpty)
        #expect(try Torch.parallelInfo().contains("get_num_threads"))
    }
}
