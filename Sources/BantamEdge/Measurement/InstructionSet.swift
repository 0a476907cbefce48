/// What the kernels of OpenVINO may use of a processor.
///
/// The same INT8 file can give other answers on another processor: without VNNI or AMX, products of u8 and s8 are summed
/// in pairs of 16 bits that saturate. oneDNN, which has the kernels, can be held back to an older processor's
/// instructions by an environment variable. It reads it once, so each set needs a process of its own:
///
/// ```swift
/// let printed = try ChildProcess.output(of: "/proc/self/exe", [...], variables: InstructionSet.avx2.variables)
/// ```
public struct InstructionSet: Hashable, Sendable, Codable {
    /// `"native"`, or oneDNN's name, such as `"AVX512_CORE_VNNI"`.
    public let name: String
    /// The processor feature it ends with, as Linux names it.
    let feature: String

    /// All that the processor has.
    public static let native = InstructionSet(name: "native", feature: "")
    public static let avx2 = InstructionSet(name: "AVX2", feature: "avx2")

    /// From the least to the most.
    public static let all: [InstructionSet] = [
        native, avx2,
        InstructionSet(name: "AVX2_VNNI", feature: "avx_vnni"),
        InstructionSet(name: "AVX512_CORE", feature: "avx512f"),
        InstructionSet(name: "AVX512_CORE_VNNI", feature: "avx512_vnni"),
        InstructionSet(name: "AVX512_CORE_BF16", feature: "avx512_bf16"),
        InstructionSet(name: "AVX512_CORE_AMX", feature: "amx_int8"),
    ]

    /// What to set in the environment of a process that is to use no more than this.
    public var variables: [String: String] { self == .native ? [:] : ["ONEDNN_MAX_CPU_ISA": name] }

    /// The sets on which INT8 may give different answers: all, then without AMX, then without VNNI.
    ///
    /// - Parameter features: The processor's, as `/proc/cpuinfo` names them.
    public static func telling(features: Set<String>) -> [InstructionSet] {
        var sets = [native]
        if features.contains("amx_int8") { sets += all.filter { $0.feature == "avx512_vnni" } }
        if features.contains("avx512_vnni") || features.contains("avx_vnni") { sets.append(avx2) }
        return sets
    }

    /// The set of this name, in upper or lower case.
    ///
    /// - Throws: `invalidOption`, listing the names there are; `unsupportedDevice` when the processor lacks it.
    public static func named(_ name: String, features: Set<String>) throws(EdgeError) -> InstructionSet {
        guard let set = all.first(where: { $0.name.lowercased() == name.lowercased() }) else {
            throw .unknownInstructionSet(name, known: all.map(\.name))
        }
        guard set == native || features.contains(set.feature) else {
            throw .missingInstructionSet(set.name, feature: set.feature)
        }
        return set
    }
}
