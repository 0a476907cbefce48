public import BantamGraph
import Glibc

/// How many samples a batch of a training has where nobody says.
public enum BatchSize {
    private static let largest = 128
    private static let smallest = 8
    /// With fewer an epoch hardly gets anywhere.
    private static let usualSteps = 24
    /// Of the free memory, what activations and their gradients may take.
    private static let memoryShare = 0.4
    /// Gradients of activations come and go beside what is kept; libtorch's kernels take room for themselves.
    private static let overhead = 2.0

    /// A power of two: at most 128, so few that an epoch has some 24 steps where there are samples for that, and so few
    /// that what is kept for the backward pass takes less than half of the free memory.
    ///
    /// - Parameters:
    ///   - graph: The model to train.
    ///   - samples: How many there are to train on.
    ///   - available: Free memory; by default this machine's.
    /// - Throws: `GraphError` when the graph is not a valid model.
    public static func usual(
        for graph: Graph, samples: Int, available: ByteCount? = nil
    ) throws(GraphError) -> Int {
        let kept = try KeptForBackward(of: graph).bytes.bytes
        let room = Double((available ?? availableMemory).bytes) * memoryShare
        var size = largest
        while size > smallest, samples / size < usualSteps { size /= 2 }
        while size > 1, Double(size) * Double(kept) * overhead > room { size /= 2 }
        return min(size, max(samples, 1))
    }

    /// What the system can give without swapping; 4 GB where it does not say.
    private static var availableMemory: ByteCount {
        guard let file = fopen("/proc/meminfo", "r") else { return ByteCount(4 << 30) }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let words = line.withUnsafeBufferPointer { buffer in
                String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }.split(separator: " ")
            if words.first == "MemAvailable:", words.count > 1, let kilobytes = Int(words[1]) {
                return ByteCount(kilobytes << 10)
            }
        }
        return ByteCount(4 << 30)
    }
}
