public import BantamGraph
import FoundationEssentials

/// The memory that running a model file takes, measured in a process of its own.
///
/// **Peak inference memory** is the most memory the process held at any moment while it loaded and ran the model,
/// minus what it held just before. Before, the runtime is already loaded and has run a small model of the usual
/// layers, so that what is left is the model's own: its weights, its buffers, the kernels generated for it, and what
/// compiling it needed for a while. To size a device add ``baseline``, the runtime itself.
///
/// It is physical memory as the kernel counts it (`VmHWM`), not an estimate. Figures of one file differ by some tens
/// of KiB from process to process.
///
/// A process that has done other work cannot measure this: freed memory that it still holds would be used again and
/// not be counted. So the command line starts itself again:
///
/// ```swift
/// // In the parent:
/// let memory = try MemoryMeasurement.inChildProcess(executable: "/proc/self/exe", arguments: [...])
/// // In the child, which does nothing else:
/// print(try MemoryProbe.measure(path: "model.onnx", shapes: [:]).jsonLine())
/// ```
///
/// In JSON the figures are in bytes.
public struct MemoryMeasurement: Hashable, Sendable, Codable {
    /// In use before the model was loaded: the runtime itself.
    public var baseline: ByteCount
    /// In use once the model was compiled, before the first run.
    public var afterLoad: ByteCount
    /// The most in use from the baseline to the end of the last run.
    public var peak: ByteCount
    /// The most in use during the runs: what remains of ``peak`` when loading is over.
    public var runningPeak: ByteCount

    public init(baseline: ByteCount, afterLoad: ByteCount, peak: ByteCount, runningPeak: ByteCount) {
        self.baseline = baseline
        self.afterLoad = afterLoad
        self.peak = peak
        self.runningPeak = runningPeak
    }

    /// Peak inference memory: what loading and running the model took at most.
    public var inferencePeak: ByteCount { peak - baseline }

    /// What running the model takes at most, when it is loaded.
    public var runningInferencePeak: ByteCount { runningPeak - baseline }

    private enum CodingKeys: String, CodingKey {
        case baseline = "baselineBytes"
        case afterLoad = "afterLoadBytes"
        case peak = "peakBytes"
        case runningPeak = "runningPeakBytes"
    }

    /// One line of JSON, for the parent process.
    public func jsonLine() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Starts `executable`, which must print ``jsonLine()`` and nothing else to its standard output.
    ///
    /// - Throws: `measurementFailed` when it cannot be started, fails or prints something else.
    public static func inChildProcess(
        executable: String, arguments: [String]
    ) throws(EdgeError) -> MemoryMeasurement {
        let printed = try ChildProcess.output(of: executable, arguments)
        do {
            return try JSONDecoder().decode(MemoryMeasurement.self, from: Data(printed))
        } catch {
            let text = String(decoding: printed.prefix(200), as: UTF8.self)
            throw .childFailed(executable, reason: "it printed \"\(text)\", which is no memory measurement")
        }
    }
}
