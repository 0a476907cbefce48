import BantamGraph
import Testing

@Suite struct SpellingTests {
    private let known = ["Gemm", "Gelu", "Elu", "Conv", "ConvInteger", "LeakyRelu", "Relu"]

    @Test(arguments: [
        ("Gemn", ["Gemm"]), ("conv", ["Conv"]), ("Leaky_Relu", ["LeakyRelu"]), ("Relu6", ["Relu"]), ("Flatten", []),
        ("Xy", []), ("", []),
    ])
    func `Names that differ in few letters are found`(_ name: String, _ meant: [String]) {
        #expect(Spelling.nearest(to: name, among: known) == meant)
    }

    @Test func `The nearest comes first`() {
        #expect(Spelling.nearest(to: "Gellu", among: ["Gemlu", "Gelu", "Elu"]) == ["Gelu", "Gemlu"])
    }
}
