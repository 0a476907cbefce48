import BantamEdge
import BantamGraph
import BantamReport
import BantamTensor

/// The libraries behind the commands.
enum Libraries {
    /// Applies the common options to libtorch.
    ///
    /// - Parameter loadsTorch: Whether it is needed for sure, so that it is better missed now than after an hour. What may
    ///   do without spares its time and memory.
    static func prepare(_ options: CommonOptions, loadsTorch: Bool = true) throws {
        try Torch.configure(threadCount: options.threads > 0 ? options.threads : nil, seed: options.seed)
        if loadsTorch { try Torch.load() }
    }

    /// Says where a training, or a calibration, would be slowed by other programs.
    ///
    /// libtorch's threads wait for each other after every layer, and do it busily: one of two that has to share its
    /// processor makes the work many times slower, not half as fast.
    static func noteOtherWork(_ options: CommonOptions, on console: Console) {
        let threads = options.threads > 0 ? options.threads : Processor.count
        guard threads > 1, let busy = Processor.busyCount(), Double(threads) + busy > Double(Processor.count) + 0.5
        else { return }
        let free = max(Processor.count - Int(busy.rounded()), 1)
        console.note(
            "other programs keep \(busy.rounded(places: 1)) of \(Processor.count) processors busy; threads that wait for "
                + "each other lose more than that: --threads \(free) is likely to be faster")
    }

    /// What a record says about where it was made.
    static func environment(_ options: CommonOptions) throws -> RunRecord.Environment {
        RunRecord.Environment(
            bantam: BantamVersion.current, libtorch: try Torch.version(), openvino: try EdgeRuntime.version(),
            processor: Processor.name, threads: options.threads > 0 ? options.threads : try Threads.count())
    }
}
