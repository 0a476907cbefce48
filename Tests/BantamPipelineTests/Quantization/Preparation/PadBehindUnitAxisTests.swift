import BantamGraph
import BantamNetwork
import BantamQuantization
import BantamTensor
import BantamTestSupport
import Testing

@Suite struct PadBehindUnitAxisTests {
    /// A shift of the frames of a clip by one.
    private func shift(pads: [Int64] = [0, 1, 0, 0, 0, 0], copies: Bool = false, isReadTwice: Bool = false) -> Graph {
        var build = GraphBuilder(name: "shift")
        func numbers(_ name: String, _ values: [Int64]) -> ValueID {
            build.constant(name, TensorData([values.count], values))
        }
        let x = build.input("input", .float32, ["N", 4, 3, 2])
        let rows = build.node("Relu", [x], name: "relu")
        let clip = build.node("Reshape", [rows, numbers("clip.sizes", [copies ? 0 : -1, 4, 6])], name: "clip")
        let bounds = [("starts", 0), ("ends", 3), ("axes", 1)].map { ValueID?.some(numbers($0, [Int64($1)])) }
        let earlier = build.node("Slice", [clip] + bounds, name: "earlier")
        let later = build.node("Pad", [earlier, numbers("pads", pads)], name: "pad")
        build.output(build.node("Reshape", [later, numbers("rows", [-1, 3, 2])], name: "rows"), name: "output")
        if isReadTwice { build.output(build.node("Neg", [earlier], name: "neg"), name: "negative") }
        return build.graph
    }

    @Test func `Frames are padded behind an axis of size 1, and nothing is computed otherwise`() throws {
        let original = shift()
        var graph = original
        #expect(try PadBehindUnitAxis().run(on: &graph).changes == 1)
        graph.checkInvariants()
        let types = try ShapeInference(of: graph)
        let shapes = graph.nodes.values.map { types[$0.outputs[0]!]!.shape.dimensions }
        #expect(shapes == [[1, 4, 3, 2], [1, 1, 4, 6], [1, 1, 3, 6], [1, 1, 4, 6], [4, 3, 2]])
        let inputs = original.sampleInputs()
        #expect(try graph.run(inputs) == original.run(inputs))
        #expect(try PadBehindUnitAxis().run(on: &graph).changes == 0)
    }

    @Test(arguments: [[0, 0, 1, 0, 0, 0], [0, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]] as [[Int64]])
    func `Other axes are left alone`(pads: [Int64]) throws {
        try expectUnchanged(shift(pads: pads))
    }

    @Test func `What others read, or sizes that are copied, are left alone`() throws {
        try expectUnchanged(shift(isReadTwice: true))
        try expectUnchanged(shift(copies: true))
    }

    private func expectUnchanged(_ original: Graph) throws {
        var graph = original
        #expect(try PadBehindUnitAxis().run(on: &graph).changes == 0)
        #expect(graph == original)
    }
}
