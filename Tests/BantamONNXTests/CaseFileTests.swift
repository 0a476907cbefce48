import BantamGraph
import BantamONNX
import BantamTestSupport
import Testing

/// Small files that stand for situations which went wrong once.
@Suite struct CaseFileTests {
    private func read(_ name: String) throws -> ONNXFile { try ONNXFile.read(fixture("cases/\(name).onnx")) }

    @Test(arguments: ["pad-minus-infinity", "where-infinity"]) func `Infinity as a mask or a fill is no error`(
        _ name: String
    ) throws {
        let graph = try read(name).graph
        #expect(graph.constants.values.contains { $0.doubles()?.contains { !$0.isFinite } ?? false })
        try Verifier.verify(graph, rules: Verifier.rules + [.requireFiniteWeights])
    }

    @Test func `Channels stay whose limited values are added up`() throws {
        let groups = try ChannelGroups(of: try read("sum-of-clip").graph).groups
        let summed = groups.filter { $0.obstacle?.contains("makes of channels that are zero") ?? false }
        #expect(summed.count == 1)
        #expect(summed.first?.obstacle?.contains("(Clip)") == true)
    }

    @Test func `Training mode and half precision are said`() throws {
        var norm = try read("training-batchnorm")
        let normNotes = try norm.normalize()
        #expect(normNotes.count == 1 && normNotes[0].contains("training_mode"))
        try Verifier.verify(norm.graph)
        var half = try read("float16")
        let halfNotes = try half.normalize()
        #expect(halfNotes.count == 1 && halfNotes[0].hasPrefix("float16 weights"))
        try Verifier.verify(half.graph)
    }

    @Test func `Newer opsets and local functions are read`() throws {
        let newer = try read("opset-22")
        #expect(newer.header.opset == 22)
        try Verifier.verify(newer.graph)
        let functions = try read("local-function")
        #expect(functions.header.localFunctions > 0)
        try Verifier.verify(functions.graph)
    }

    @Test func `Inputs of images say how they are to be filled`() throws {
        let last = try #require(try read("nhwc").graph.imageInput())
        #expect(last.layout == .nhwc && last.channels == 3)
        let bytes = try #require(try read("uint8-classifier").graph.imageInput())
        #expect(bytes.layout == .nchw && bytes.dtype == .uint8)
        let free = try read("free-height-and-width").graph
        #expect(free.freeInputDimensions.filter { !$0.isBatch }.map(\.axis) == [2, 3])
    }
}
