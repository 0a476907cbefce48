public import BantamGraph
import CTorch

/// The threads that one operator on the CPU is spread over.
public enum Threads {
    /// Applies to the calling thread and to those that have not computed yet, so call it first of all.
    ///
    /// - Precondition: `count` is positive.
    public static func setCount(_ count: Int) throws(TorchError) {
        try Torch.apply(Torch.Settings(threadCount: count), to: try Torch.table())
    }

    /// Runs `body` with one thread: for operators on many small matrices, each of which would be spread by itself. The
    /// threads wait for each other at each of them, which takes far longer than the work where another program wants the
    /// processor, and no less where none does.
    public static func withOne<Result>(_ body: () throws -> Result) throws -> Result {
        let count = try count()
        try setCount(1)
        let result = Swift.Result(catching: body)
        try setCount(count)
        return try result.get()
    }

    /// The number for the calling thread.
    public static func count() throws(TorchError) -> Int {
        Int(try Torch.table().pointee.thread_count())
    }
}
