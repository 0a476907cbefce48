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

    /// The number for the calling thread.
    public static func count() throws(TorchError) -> Int {
        Int(try Torch.table().pointee.thread_count())
    }
}
