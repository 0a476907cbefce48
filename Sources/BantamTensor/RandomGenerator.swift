public import BantamGraph
import CTorch

/// A source of random numbers with a state of its own.
///
/// The same seed gives the same numbers on the same kind of device, whatever else draws numbers meanwhile. Not for
/// concurrent use; make one for each task.
public final class RandomGenerator {
    let handle: OpaquePointer
    public let device: Device

    /// - Parameter device: Where the tensors live that it fills.
    public init(seed: UInt64, device: Device = .cpu) throws(TorchError) {
        try device.activate()
        let table = try Torch.table()
        var handle: OpaquePointer?
        try Torch.check("the random generator of \(device)") { status in
            _ = table.pointee.make_generator(device.native, seed, &handle, status)
        }
        self.handle = handle.unsafelyUnwrapped
        self.device = device
    }

    deinit { Torch.loaded.pointee.release_generator(handle) }

    /// Starts over.
    public func reseed(_ seed: UInt64) throws(TorchError) {
        try Torch.check("seeding") { _ = Torch.loaded.pointee.seed_generator(handle, seed, $0) }
    }

    /// Seeds the process's own generators, on the CPU and on all loaded devices. Operators that take no generator
    /// argument draw from them, dropout among these.
    public static func seedDefaults(_ seed: UInt64) throws(TorchError) {
        try Torch.apply(Torch.Settings(seed: seed), to: try Torch.table())
    }
}
