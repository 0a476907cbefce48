import BantamEdge
import Testing

@Suite struct InstructionSetTests {
    @Test func `What is tried depends on what the processor has`() {
        func names(_ features: Set<String>) -> [String] { InstructionSet.telling(features: features).map(\.name) }
        let vnni: Set = ["avx2", "avx512f", "avx512_vnni"]
        #expect(names([]) == ["native"] && names(["avx2"]) == ["native"])
        #expect(names(["avx2", "avx_vnni"]) == ["native", "AVX2"])
        #expect(names(vnni) == ["native", "AVX2"])
        #expect(names(vnni.union(["amx_int8"])) == ["native", "AVX512_CORE_VNNI", "AVX2"])
    }

    @Test func `Sets are found by name, and refused where there is none or the processor lacks it`() throws {
        #expect(try InstructionSet.named("avx2", features: ["avx2"]) == .avx2)
        #expect(try InstructionSet.named("native", features: []) == .native)
        func failure(_ name: String) -> EdgeError? {
            #expect(throws: EdgeError.self) { try InstructionSet.named(name, features: ["avx2"]) }
        }
        #expect(failure("MMX")?.category == .usage)
        #expect(failure("MMX")?.message.contains("no instruction set MMX; there are native, AVX2,") == true)
        #expect(failure("AVX512_CORE_AMX")?.category == .missingRuntime)
        #expect(failure("AVX512_CORE_AMX")?.message.contains("does not have AVX512_CORE_AMX (amx_int8)") == true)
    }

    @Test func `A child process sees the variable of its set, in place of the one there is`() throws {
        func variable(_ set: InstructionSet) throws -> String {
            let script = "printf '%s' \"$ONEDNN_MAX_CPU_ISA\"; test -n \"$PATH\""
            let printed = try ChildProcess.output(of: "/bin/sh", ["-c", script], variables: set.variables)
            return String(decoding: printed, as: UTF8.self)
        }
        #expect(try variable(.avx2) == "AVX2")
        #expect(InstructionSet.native.variables.isEmpty)
        let other = try ChildProcess.output(
            of: "/bin/sh", ["-c", "env | grep -c '^HOME='"], variables: ["HOME": "/elsewhere"])
        #expect(String(decoding: other, as: UTF8.self) == "1\n")
    }
}
