public import BantamGraph
import CTorch

/// Counts the memory of a device's tensors, gradients and scratch space.
///
/// On the CPU it sees what libtorch asks its allocator for, to the byte. Freed blocks are kept for the next request
/// of their size, up to half of what was in use at most: mapping fresh memory costs more than many a kernel.
public struct MemoryMeter: Sendable {
    public struct Reading: Hashable, Sendable {
        /// In use now.
        public var current: ByteCount
        /// The most that was in use since the start or the last ``MemoryMeter/resetPeak()``.
        public var peak: ByteCount
        /// Free, and kept for reuse.
        public var kept: ByteCount
    }

    public let device: Device

    public init(_ device: Device = .cpu) {
        self.device = device
    }

    public func read() throws(TorchError) -> Reading {
        let table = try Torch.table()
        try device.activate()
        var memory = ctorch_memory()
        try Torch.check("the memory of \(device)") { _ = table.pointee.memory(device.native, &memory, $0) }
        return Reading(
            current: ByteCount(Int(memory.current)), peak: ByteCount(Int(memory.peak)),
            kept: ByteCount(Int(memory.kept)))
    }

    /// From here on the peak is that of what follows.
    public func resetPeak() throws(TorchError) {
        let table = try Torch.table()
        try device.activate()
        try Torch.check("the memory of \(device)") { _ = table.pointee.reset_peak_memory(device.native, $0) }
    }

    /// Gives all kept blocks back to the system.
    public func releaseKept() throws(TorchError) {
        let table = try Torch.table()
        try device.activate()
        try Torch.check("the memory of \(device)") { _ = table.pointee.release_kept_memory(device.native, $0) }
    }
}
