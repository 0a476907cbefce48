public import BantamGraph
import CTorch

/// The threads that one operator on the CPU is spread over.
public enum Threads {
    /// Applies to the calling thread and to those that have not computed yet, so call it first of all.
    ///
    /// - Precondition: `count` is positive.
    public static func setCount(_ count: Int) throws(TorchError) {
        precondition(count > 0, "\(count) threads")
        let table = try Torch.table()
        try Torch.check("setting \(count) threads") { _ = table.pointee.set_thread_count(Int32(clamping: count), $0) }
    }

    /// The number for the calling thread.
    public static func count() throws(TorchError) -> Int {
        Int(try Torch.table().pointee.thread_count())
    }
}
