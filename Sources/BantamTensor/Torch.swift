public import BantamGraph
import CTorch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The libtorch of this process, loaded when the first operator is called.
public enum Torch {
    /// Loads libtorch, which takes 0.2 to 0.4 s, unless that was done.
    ///
    /// - Throws: `missingLibrary`.
    public static func load() throws(TorchError) {
        _ = try table()
    }

    /// Says with how many threads to compute and where random numbers start, without loading libtorch for it: what does
    /// not compute with it needs neither its time nor its memory.
    ///
    /// - Parameters:
    ///   - threadCount: As for ``Threads/setCount(_:)``; `nil` leaves it to libtorch.
    ///   - seed: As for ``RandomGenerator/seedDefaults(_:)``.
    public static func configure(threadCount: Int?, seed: UInt64) throws(TorchError) {
        let settings = Settings(threadCount: threadCount, seed: seed)
        let waits = pending.withLock { pending in
            if pending != nil { pending = settings }
            return pending != nil
        }
        if !waits { try apply(settings, to: try table()) }
    }

    /// How libtorch computes.
    struct Settings {
        var threadCount: Int?
        var seed: UInt64?
    }

    /// What to set when libtorch is loaded; `nil` once it is.
    private static let pending = Mutex<Settings?>(Settings())

    static func apply(_ settings: Settings, to table: UnsafePointer<ctorch_api>) throws(TorchError) {
        if let count = settings.threadCount {
            precondition(count > 0, "\(count) threads")
            try check("setting \(count) threads") { _ = table.pointee.set_thread_count(Int32(clamping: count), $0) }
        }
        if let seed = settings.seed {
            try check("seeding") { _ = table.pointee.seed_defaults(seed, $0) }
        }
    }

    /// libtorch's version, such as `"2.13.0"`.
    public static func version() throws(TorchError) -> String {
        String(cString: try table().pointee.version)
    }

    /// The instruction set its kernels use on this processor, such as `"AVX512"`.
    public static func cpuCapability() throws(TorchError) -> String {
        String(cString: try table().pointee.cpu_capability)
    }

    /// Its threading libraries and their settings, over several lines.
    public static func parallelInfo() throws(TorchError) -> String {
        takeText(try table().pointee.copy_parallel_info())
    }

    private struct Opened {
        var table: UnsafePointer<ctorch_api>?
        var failure: TorchError?
    }

    // The table is written once, before its address is returned.
    private nonisolated(unsafe) static let opened: Opened = {
        // Threads that wait for each other by spinning stand still for whole time slices when another program wants
        // the processor: with it busy, an epoch took 75 s instead of 4. After this many turns they sleep instead.
        setenv("GOMP_SPINCOUNT", "1000", 0)
        do throws(GraphError) {
            let symbol = try NativeLibrary.open(plugin: "TorchPlugin", symbol: "bantam_torch_api")
            let table = symbol.assumingMemoryBound(to: ctorch_api.self)
            let chosen = pending.withLock { pending in
                defer { pending = nil }
                return pending
            }
            do throws(TorchError) {
                if let chosen { try apply(chosen, to: UnsafePointer(table)) }
                return Opened(table: UnsafePointer(table))
            } catch {
                return Opened(failure: error)
            }
        } catch {
            return Opened(failure: .missingLibrary(error))
        }
    }()

    static func table() throws(TorchError) -> UnsafePointer<ctorch_api> {
        if let table = opened.table { return table }
        throw opened.failure ?? TorchError(.missingLibrary, "")
    }

    /// The functions, for code that cannot run before they are loaded, such as a tensor's methods.
    static var loaded: UnsafePointer<ctorch_api> {
        guard let table = opened.table else { preconditionFailure("a tensor exists without libtorch") }
        return table
    }

    /// Runs a function of the table that can fail.
    static func check(
        _ name: String, operands: @autoclosure () -> String = "", _ body: (UnsafeMutablePointer<ctorch_status>) -> Void
    ) throws(TorchError) {
        var status = ctorch_status()
        body(&status)
        guard status.code == CTORCH_OK else { throw error(name, operands: operands(), status) }
    }

    /// Takes the status's message along.
    static func error(_ name: String, operands: String, _ status: ctorch_status) -> TorchError {
        let code: TorchErrorCode =
            switch status.code {
            case CTORCH_UNKNOWN_OPERATOR: .unknownOperator
            case CTORCH_INVALID_ARGUMENT: .invalidArgument
            case CTORCH_FAILED: .operationFailed
            case CTORCH_UNSUPPORTED: .unsupported
            case CTORCH_OUT_OF_MEMORY: .outOfMemory
            case CTORCH_MISSING_LIBRARY: .missingLibrary
            default: .internalFault
            }
        return .operation(name, operands: operands, code: code, reason: takeText(status.message))
    }

    /// Reads and frees a string of the plugin's.
    static func takeText(_ text: UnsafeMutablePointer<CChar>?) -> String {
        guard let text else { return "" }
        defer { free(text) }
        return String(cString: text)
    }
}
