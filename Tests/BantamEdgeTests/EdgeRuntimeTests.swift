import BantamGraph
import Testing

@testable import BantamEdge

@Suite struct EdgeRuntimeTests {
    @Test func `The runtime tells its version and its devices`() throws {
        #expect(try EdgeRuntime.version().hasPrefix("20"))
        let processor = try #require(try EdgeRuntime.devices().first { $0.name == "CPU" })
        #expect(!processor.fullName.isEmpty)
        #expect(processor.capabilities.contains("FP32"))
    }

    @Test func `A missing library ends the command with the status of a missing runtime`() {
        let error = EdgeError.missingLibrary(GraphError(.missingLibrary, "OpenVINOPlugin could not be opened"))
        #expect(error.category == .missingRuntime)
        #expect(error.description == "OpenVINOPlugin could not be opened")
    }

    @Test(arguments: [
        ("brgconv_avx512_f32", "brgconv_avx512", DType.float32), ("brgconv_avx512_I8", "brgconv_avx512", .int8),
        ("jit_avx512_amx_bf16", "jit_avx512_amx", .bfloat16), ("jit_avx512", "jit_avx512", nil),
        ("unknown", "unknown", nil), ("", "", nil),
    ])
    func `A kernel's name is split from the type it computes in`(text: String, kernel: String, precision: DType?) {
        let parsed = LayerTime.parse(execution: text)
        #expect(parsed.kernel == kernel)
        #expect(parsed.precision == precision)
    }
}
