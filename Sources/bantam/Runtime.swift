import BantamEdge
import BantamGraph
import BantamReport
import BantamTensor

/// The libraries behind the commands.
enum Runtime {
    /// Applies the common options to libtorch.
    static func prepare(_ options: CommonOptions) throws {
        if options.threads > 0 { try Threads.setCount(options.threads) }
        try RandomGenerator.seedDefaults(options.seed)
    }

    /// What a record says about where it was made.
    static func environment(_ options: CommonOptions) throws -> RunRecord.Environment {
        RunRecord.Environment(
            bantam: BantamVersion.current, libtorch: try Torch.version(), openvino: try EdgeRuntime.version(),
            processor: Processor.name, threads: options.threads > 0 ? options.threads : try Threads.count())
    }
}
