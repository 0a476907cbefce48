import BantamGraph
import Testing

@Suite struct ImageInputTests {
    /// The nodes that read the image.
    typealias Body = (_ build: inout GraphBuilder, _ x: ValueID) -> ValueID

    private func image(
        _ dimensions: [InputDimension], _ dtype: DType = .float32,
        reading body: Body = { build, x in build.node("Relu", [x]) }
    ) -> ImageInput? {
        var build = GraphBuilder(name: "image")
        let input = build.input("image", dtype, dimensions)
        build.output(body(&build, input), name: "y")
        return build.graph.imageInput()
    }

    private func turned(_ order: [Int]) -> Body {
        { build, x in build.node("Transpose", [x], attributes: ["perm": .ints(order)]) }
    }

    @Test func `A layer that reads the input says that channels are second`() {
        let found = image(["N", 32, 32, 3]) { build, x in
            build.layer("Conv", build.node("Mul", [x, x]), "conv", [4, 32, 3, 3])
        }
        #expect(found?.layout == .nchw)
        #expect(found?.channels == 32)
    }

    @Test func `A transpose to channels second says that they are last, through conversions too`() {
        for channels in [3, 5, 1] {
            let found = image(["N", "H", "W", .fixed(channels)], .uint8) { build, x in
                let wide = build.node("Cast", [x], attributes: ["to": .int(DType.float32.onnxCode)])
                let scaled = build.node("Div", [wide, build.constant("c", TensorData(scalar: 255 as Float))])
                return build.node("Transpose", [scaled], attributes: ["perm": .ints([0, 3, 1, 2])])
            }
            #expect(found?.layout == .nhwc)
            #expect(found?.dtype == .uint8)
            #expect(found?.channels == .fixed(channels))
            #expect(found?.height == "H" && found?.width == "W")
        }
    }

    @Test func `A transpose away from channels second says that they are second`() {
        #expect(image(["N", 32, 32, 32], reading: turned([0, 2, 3, 1]))?.layout == .nchw)
    }

    @Test func `Sizes decide where nothing else does`() {
        #expect(image(["N", 3, 32, 32])?.layout == .nchw)
        #expect(image(["N", 32, 32, 3])?.layout == .nhwc)
        #expect(image(["N", 28, 28, 1])?.layout == .nhwc)
        #expect(image(["N", "H", "W", 4])?.layout == .nhwc)
        #expect(image(["N", "C", "H", "W"])?.layout == .nchw)
        #expect(image(["N", "C", "H", "W"])?.evidence == .convention)
        #expect(image(["N", 3, 16, 32, 32])?.layout == .ncthw)
        #expect(image(["N", 16, 3, 32, 32])?.layout == .ntchw)
        #expect(image(["N", 16, 32, 32, 3])?.layout == .nthwc)
    }

    @Test func `Clips are told by their transposes`() {
        #expect(image(["N", 8, 8, 8, 8], reading: turned([0, 4, 1, 2, 3]))?.layout == .nthwc)
        #expect(image(["N", 8, 8, 8, 8], reading: turned([0, 2, 1, 3, 4]))?.layout == .ntchw)
        #expect(image(["N", 8, 8, 8, 8], reading: turned([0, 4, 1, 2, 3]))?.frames == 8)
    }

    @Test func `Other ranks are no images`() {
        #expect(image(["N", 10]) == nil)
        #expect(image(["N", 16, 10]) == nil)
    }

    @Test func `Free dimensions are listed by name`() {
        var build = GraphBuilder(name: "free")
        let image = build.input("image", .float32, ["N", 3, "H", "W"])
        build.output(build.node("Relu", [image]), name: "y")
        let free = build.graph.freeInputDimensions
        #expect(free.map(\.name) == ["N", "H", "W"])
        #expect(free.map(\.axis) == [0, 2, 3])
        #expect(free.map(\.isBatch) == [true, false, false])
    }
}
