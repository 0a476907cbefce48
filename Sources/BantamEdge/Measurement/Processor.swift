package import BantamGraph
import FoundationEssentials
import Glibc

/// The machine's processor, as the kernel describes it.
package enum Processor {
    package static let name: String = fact("model name") ?? "unknown"

    /// The instruction sets that decide how fast INT8 and bfloat16 are.
    package static let features: [String] = {
        let flags = Set((fact("flags") ?? fact("Features") ?? "").split(separator: " ").map(String.init))
        let telling = [
            "avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "asimddp", "i8mm",
            "bf16", "sve",
        ]
        return telling.filter(flags.contains)
    }()

    /// Whether products of bfloat16 are faster than those of float32.
    package static var multipliesBFloat16: Bool {
        features.contains { ["avx512_bf16", "amx_bf16", "bf16"].contains($0) }
    }

    /// The machine's main memory.
    package static var memory: ByteCount { ByteCount(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))) }

    package static var count: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

    /// How many processors are busy right now, watched for a moment; `nil` where the kernel does not tell.
    package static func busyCount(watching moment: Duration = .milliseconds(200)) -> Double? {
        let clock = ContinuousClock()
        guard let start = busyTicks() else { return nil }
        let begin = clock.now
        usleep(UInt32(moment / .microseconds(1)))
        guard let end = busyTicks() else { return nil }
        let seconds = (clock.now - begin) / .seconds(1)
        return Double(end - start) / Double(sysconf(Int32(_SC_CLK_TCK))) / seconds
    }

    /// Of all processors since the machine was started: all but what was idle or waited for disks.
    private static func busyTicks() -> Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/stat"),
            let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first, line.hasPrefix("cpu ")
        else { return nil }
        let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
        return ticks.count == 8 ? ticks.reduce(0, +) - ticks[3] - ticks[4] : nil
    }

    private static func fact(_ key: String) -> String? {
        guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else { return nil }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].prefix(while: { $0 != "\t" }) == key else { continue }
            return String(parts[1].drop { $0 == " " })
        }
        return nil
    }
}
