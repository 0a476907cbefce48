import BantamGraph
import FoundationEssentials
import Glibc

/// The machine's processor, as the kernel describes it.
enum Processor {
    static let name: String = fact("model name") ?? "unknown"

    /// The instruction sets that decide how fast INT8 and bfloat16 are.
    static let features: [String] = {
        let flags = Set((fact("flags") ?? fact("Features") ?? "").split(separator: " ").map(String.init))
        let telling = [
            "avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "asimddp", "i8mm",
            "bf16", "sve",
        ]
        return telling.filter(flags.contains)
    }()

    /// The machine's main memory.
    static var memory: ByteCount { ByteCount(sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))) }

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

extension String {
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(width - count, 1))
    }
}
