import BantamGraph
import OrderedCollections
import Testing

/// Where windows lie: the shapes of convolutions and pools, and the padding their calls are given.
@Suite struct WindowGeometryTests {
    typealias Attributes = OrderedDictionary<String, Attribute>

    @Test func `Every number of spatial axes is treated alike`() throws {
        let attributes = { (rank: Int) -> Attributes in
            [
                "strides": .ints(Array(repeating: 2, count: rank)), "pads": .ints(Array(repeating: 1, count: 2 * rank)),
            ]
        }
        #expect(try convolution([2, 3, 9], kernel: [3], attributes(1)) == [2, 4, 5])
        #expect(try convolution([2, 3, 9, 8], kernel: [3, 3], attributes(2)) == [2, 4, 5, 4])
        #expect(try convolution([2, 3, 9, 8, 7], kernel: [3, 3, 3], attributes(3)) == [2, 4, 5, 4, 4])
    }

    @Test(arguments: [(1, 1, 1), (1, 3, 1), (2, 2, 1), (3, 2, 1), (2, 3, 2), (3, 1, 1)])
    func `The number of positions is that of trying them one by one`(
        kernel: Int, stride step: Int, dilation: Int
    ) throws {
        for (input, pads, roundsUp) in product(3...9, [[0, 0], [1, 0], [0, 1], [1, 1]], [0, 1]) {
            let attributes: Attributes = [
                "kernel_shape": .ints([kernel]), "strides": .ints([step]), "dilations": .ints([dilation]),
                "pads": .ints(pads), "ceil_mode": .int(roundsUp),
            ]
            let sequence = OperatorExample.Input.random([1, 1, input], in: -1...1)
            let shape = try SingleNode("MaxPool", [sequence], attributes).shapes[0]

            var positions = 0
            var start = -pads[0]
            // A window counts when it fits. Rounded up, the first that does not fit counts too, if it starts inside.
            while start + dilation * (kernel - 1) < input + pads[1] {
                positions += 1
                start += step
            }
            let rest = input + pads[1] - (start - step + dilation * (kernel - 1) + 1)
            if roundsUp == 1, rest > 0, start < input { positions += 1 }
            #expect(shape == [1, 1, positions], "\(attributes) over \(input)")
        }
    }

    @Test func `SAME keeps the size for a stride of 1, and puts the odd entry where its name says`() throws {
        for (mode, pads) in [("SAME_UPPER", [1, 2]), ("SAME_LOWER", [2, 1])] {
            let node = try SingleNode("Conv", [[1, 1, 7], .weight([1, 1, 4])], ["auto_pad": .string(mode)])
            #expect(node.shapes == [[1, 1, 7]])
            #expect(try padding(of: node) == pads)
        }
        let strided = try SingleNode(
            "Conv", [[1, 1, 7], .weight([1, 1, 3])], ["auto_pad": .string("SAME_UPPER"), "strides": .ints([2])])
        #expect(strided.shapes == [[1, 1, 4]])
    }

    @Test func `VALID pads nothing, whatever pads says`() throws {
        #expect(
            try convolution(
                [1, 3, 8, 8], kernel: [3, 3], ["auto_pad": .string("VALID"), "pads": .ints([1, 1, 1, 1])])
                == [1, 4, 6, 6])
    }

    @Test func `Uneven padding becomes a call of its own, with the last axis first`() throws {
        let node = try SingleNode(
            "Conv", [[1, 2, 5, 6, 7], .weight([1, 2, 3, 3, 3])], ["pads": .ints([0, 1, 2, 3, 4, 5])])
        #expect(node.shapes == [[1, 1, 6, 9, 12]])
        #expect(try padding(of: node) == [2, 5, 1, 4, 0, 3])
        #expect(try node.definition.lowering(of: node.context).calls.map(\.name).last == "aten::convolution")
    }

    @Test func `A pool that rounds up drops windows that would start in the padding`() throws {
        let attributes: Attributes = [
            "kernel_shape": .ints([1, 1]), "strides": .ints([3, 3]), "ceil_mode": .int(1),
        ]
        // Along 5 entries windows start at 0 and 3; one at 6 would hold nothing.
        #expect(try SingleNode("AveragePool", [[1, 2, 5, 7]], attributes).shapes == [[1, 2, 2, 3]])
    }

    @Test func `The mean divides by the entries of the window that count`() throws {
        func factors(countingPads: Bool) throws -> [[Float]] {
            let node = try SingleNode(
                "AveragePool", [[1, 1, 4]],
                [
                    "kernel_shape": .ints([3]), "pads": .ints([2, 0]), "count_include_pad": .int(countingPads ? 1 : 0),
                ])
            return try node.definition.lowering(of: node.context).calls.compactMap { call in
                guard case .constant(let data)? = call.arguments.first else { return nil }
                return data.elements(of: Float.self)
            }
        }
        // Two entries of padding at the beginning leave windows of 1, 2, 3 and 3 entries.
        #expect(try factors(countingPads: false) == [[3, 1.5, 1, 1]])
        #expect(try factors(countingPads: true) == [])
    }

    @Test func `A transposed convolution undoes the shape of a convolution`() throws {
        let attributes: Attributes = ["strides": .ints([2, 3]), "pads": .ints([1, 0, 0, 2])]
        let small = try convolution([1, 3, 11, 13], kernel: [3, 4], attributes)
        let enlarged = try SingleNode(
            "ConvTranspose", [.random(small, in: -1...1), .weight([4, 3, 3, 4])],
            attributes.merging(["output_padding": .ints([1, 2])]) { $1 })
        #expect(small == [1, 4, 5, 4])
        #expect(enlarged.shapes == [[1, 3, 11, 13]])
    }

    @Test func `A transposed convolution reaches the size it is told`() throws {
        let node = try SingleNode(
            "ConvTranspose", [[1, 3, 4, 4], .weight([3, 2, 4, 4])],
            ["strides": .ints([2, 2]), "output_shape": .ints([9, 7])])
        #expect(node.shapes == [[1, 2, 9, 7]])
        // Of one entry too many the beginning loses it, and of three the larger part.
        let crop = try #require(try node.definition.lowering(of: node.context).calls.last)
        #expect(crop == ATenCall("aten::constant_pad_nd", .result(0), .ints([-1, 0, -1, 0]), .int(0)))
    }

    @Test func `A resized axis has the size of its scale, rounded down, or the one given`() throws {
        let scales = TensorData([4], [1, 1, 1.6666666, 0.7] as [Float])
        #expect(try SingleNode("Resize", [[1, 2, 3, 5], .absent, .constant(scales)]).shapes == [[1, 2, 5, 3]])
        #expect(
            try SingleNode("Resize", [[1, 2, 4, 3, 5], .absent, .absent, .ints([6, 7])], ["axes": .ints([-2, 2])])
                .shapes
                == [[1, 2, 7, 6, 5]])
        let limited: Attributes = ["axes": .ints([2, 3]), "keep_aspect_ratio_policy": .string("not_larger")]
        #expect(
            try SingleNode("Resize", [[1, 2, 10, 20], .absent, .absent, .ints([30, 30])], limited).shapes
                == [[1, 2, 15, 30]])
    }

    @Test func `Multiplications are counted over windows, channels and groups`() throws {
        func macs(_ name: String, _ inputs: [OperatorExample.Input], _ attributes: Attributes = [:]) throws -> Int {
            let node = try SingleNode(name, inputs, attributes)
            return node.definition.cost(of: node.context).macs
        }
        #expect(try macs("Conv", [[2, 3, 6, 6, 6], .weight([4, 3, 3, 3, 3])]) == 2 * 4 * 64 * 3 * 27)
        #expect(try macs("Conv", [[1, 6, 5, 5], .weight([6, 1, 3, 3])], ["group": .int(6)]) == 6 * 9 * 9)
        #expect(try macs("ConvTranspose", [[1, 3, 5, 5], .weight([3, 4, 2, 2])]) == 3 * 25 * 4 * 4)
        #expect(try macs("Gemm", [[7, 3], .weight([5, 7])], ["transA": .int(1), "transB": .int(1)]) == 3 * 5 * 7)
        #expect(try macs("MatMul", [[2, 8, 3, 4], [2, 8, 4, 5]]) == 2 * 8 * 3 * 4 * 5)
    }

    private func product<First: Sequence, Second, Third>(
        _ first: First, _ second: [Second], _ third: [Third]
    ) -> [(First.Element, Second, Third)] {
        first.flatMap { one in second.flatMap { two in third.map { (one, two, $0) } } }
    }

    private func convolution(_ input: Shape, kernel: [Int], _ attributes: Attributes) throws -> Shape {
        let weight = OperatorExample.Input.weight(Shape([4, input[1]] + kernel))
        return try SingleNode("Conv", [.random(input, in: -1...1), weight], attributes).shapes[0]
    }

    /// The list given to the call that pads, if there is one.
    private func padding(of node: SingleNode) throws -> [Int]? {
        let call = try #require(try node.definition.lowering(of: node.context).calls.first)
        guard call.name == "aten::constant_pad_nd", case .ints(let pads) = call.arguments[1] else { return nil }
        return pads
    }
}
