import BantamGraph
import BantamTestSupport
import Testing

@Suite struct StoredNumbersTests {
    /// A product with a weight of 4-bit integers behind a `DequantizeLinear`.
    private func product(
        _ weight: TensorData, scales: Shape, zeroPoints: TensorData?, _ attributes: [(String, Attribute)] = []
    ) -> Graph {
        var build = GraphBuilder(name: "product")
        let x = build.input("input", .float32, ["N", .fixed(weight.shape[1])])
        var inputs = [
            build.constant("w", weight),
            build.constant("s", TensorData(scales, [Float](repeating: 0.5, count: scales.elementCount))),
        ]
        if let zeroPoints { inputs.append(build.constant("z", zeroPoints)) }
        let numbers = build.node(
            "DequantizeLinear", inputs, name: "dequantize", attributes: .init(uniqueKeysWithValues: attributes))
        build.output(
            build.node("Gemm", [x, numbers], name: "gemm", attributes: ["transB": .int(1)]), name: "output")
        return build.graph
    }

    private func nibbles(_ dtype: DType, _ shape: Shape, _ numbers: [UInt8]) -> TensorData {
        TensorData(TensorType(dtype, shape), packing: numbers)
    }

    @Test func `An integer that is its zero point is a zero`() throws {
        let numbers: [UInt8] = [3, 5, 3, 0, 5, 5, 5, 3]
        let weight = nibbles(.uint4, [2, 4], numbers)
        func nonzero(_ graph: Graph) throws -> Int {
            #expect(try Sparsity(of: graph).zeroFraction == 1 - Double(graph.nonzeroParameterCount) / 8)
            return graph.nonzeroParameterCount
        }
        #expect(try nonzero(product(weight, scales: [], zeroPoints: nil)) == 7)
        #expect(try nonzero(product(weight, scales: [], zeroPoints: nibbles(.uint4, [], [3]))) == 5)
        let rows = product(weight, scales: [2], zeroPoints: nibbles(.uint4, [2], [3, 5]), [("axis", .int(0))])
        #expect(try nonzero(rows) == 3)
        let columns = product(
            weight, scales: [4], zeroPoints: nibbles(.uint4, [4], [3, 5, 5, 0]), [("axis", .int(-1))])
        #expect(try nonzero(columns) == 3)
        let blocks = product(
            weight, scales: [2, 2], zeroPoints: nibbles(.uint4, [2, 2], [3, 0, 5, 3]),
            [("axis", .int(1)), ("block_size", .int(2))])
        #expect(try nonzero(blocks) == 8 - 1 - 1 - 2 - 1)
    }

    @Test func `Patterns are seen through zero points`() throws {
        let weight = nibbles(.uint4, [2, 4], [8, 1, 8, 2, 9, 8, 8, 3])
        let graph = product(weight, scales: [], zeroPoints: nibbles(.uint4, [], [8]))
        #expect(try Sparsity(of: graph).pattern == SparsityPattern(2, of: 4))
    }

    @Test func `What learned numbers are stored as is added up by type`() throws {
        let graph = product(nibbles(.int4, [3, 3], [UInt8](repeating: 1, count: 9)), scales: [], zeroPoints: nil)
        #expect(
            graph.storedNumbers() == [StoredNumbers(dtype: .int4, constants: 1, elements: 9, byteCount: ByteCount(5))])
        let float = TinyGraphs.residual().storedNumbers()
        #expect(float.count == 1 && float[0].dtype == .float32)
        #expect(float[0].elements == (try CostAnalysis(of: TinyGraphs.residual()).total.parameters))
    }
}
