import BantamGraph
import BantamQuantization
import BantamTestSupport
import Testing

@Suite struct PixelInputTests {
    /// What two convolutions compute of bytes and of the numbers that the bytes stand for.
    private func results(
        mean: [Double], rank: Int, padded: Bool
    ) throws -> (pixels: [TensorData], numbers: [TensorData], points: [UInt8]) {
        var build = GraphBuilder(name: "pixels")
        let x = build.input("input", .float32, ["N", 3] + Array(repeating: 6, count: rank))
        let pads: Attribute = .ints(Array(repeating: padded ? 1 : 0, count: 2 * rank))
        for name in ["first", "second"] {
            let weight = build.weight("\(name).weight", Shape([4, 3] + Array(repeating: 3, count: rank)))
            let inputs = name == "first" ? [x, weight] : [x, weight, build.weight("bias", [4])]
            let kernel: Attribute = .ints(Array(repeating: 3, count: rank))
            let made = build.node("Conv", inputs, name: name, attributes: ["kernel_shape": kernel, "pads": pads])
            build.output(made, name: "\(name).output")
        }
        let original = build.graph
        var graph = original
        let std = [0.229, 0.224, 0.225]
        try PixelInput(scale: 1.0 / 255, mean: mean, std: std).apply(to: &graph)
        graph.checkInvariants()
        var random = SeededGenerator(seed: 2).stream("pixels")
        let shape = Shape([2, 3] + Array(repeating: 6, count: rank))
        let bytes = (0..<shape.elementCount).map { _ in UInt8(random.uniform(in: 0...255)) }
        let extent = shape.elementCount / 6
        let numbers = bytes.indices.map { index in
            let channel = index / extent % 3
            return Float((Double(bytes[index]) / 255 - mean[channel]) / std[channel])
        }
        let points = graph.constant(named: "input.zero_point")?.elements(of: UInt8.self) ?? []
        return (
            try graph.run([TensorData(shape, bytes)]), try original.run([TensorData(shape, numbers)]), points
        )
    }

    @Test(arguments: [1, 2, 3]) func `Without padding the results are the same`(rank: Int) throws {
        let (pixels, numbers, points) = try results(mean: [0.485, 0.456, 0.406], rank: rank, padded: false)
        #expect(points == [124, 116, 104])
        for (left, right) in zip(pixels, numbers) { #expect(left.difference(from: right, tolerance: 1e-4) == nil) }
    }

    @Test func `With padding too, where the means are whole bytes`() throws {
        let (pixels, numbers, _) = try results(mean: [0.2, 0, 1], rank: 2, padded: true)
        for (left, right) in zip(pixels, numbers) { #expect(left.difference(from: right, tolerance: 1e-4) == nil) }
    }

    @Test func `Otherwise only the border differs, by half a grey level at most`() throws {
        let (pixels, numbers, _) = try results(mean: [0.485, 0.456, 0.406], rank: 2, padded: true)
        // 15 weights of 0.5 at most reach beyond a corner, by half of 1 / (255 * 0.224).
        let largest: Float = 0.5 * 15 * 0.5 / (255 * 0.224)
        for (left, right) in zip(pixels, numbers) {
            let (left, right) = (left.elements(of: Float.self), right.elements(of: Float.self))
            for index in left.indices {
                let (row, column) = (index / 6 % 6, index % 6)
                let isInside = (1...4).contains(row) && (1...4).contains(column)
                let difference = abs(left[index] - right[index])
                #expect(difference < (isInside ? 1e-4 : largest))
            }
        }
    }

    @Test func `A graph that cannot take bytes is left unchanged`() {
        var graph = TinyGraphs.residual()
        let before = graph
        let pixels = PixelInput(scale: 1, mean: [0], std: [1])
        #expect(
            errorText { try pixels.apply(to: &graph) }.contains("its inputs are not one of float32 [N, 1, ...]"))
        #expect(graph == before)
    }
}
