import BantamGraph
import BantamTensor
import Testing

@Suite struct ATenOperationTests {
    private func tensor(_ shape: Shape, _ elements: [Float]) throws -> Tensor {
        try Tensor(TensorData(shape, elements))
    }

    @Test func `An operator called by name computes what its schema says`() throws {
        let add = ATenOperation("aten::add", "Tensor")
        let sum = try add.tensor(.tensor(tensor([2], [1, 2])), .tensor(tensor([2], [10, 20])), .int(2))
        #expect(try sum.data().elements(of: Float.self) == [21, 42])
    }

    @Test func `Left-out arguments take the schema's defaults`() throws {
        let add = ATenOperation("aten::add", "Tensor")
        let sum = try add.tensor(.tensor(tensor([2], [1, 2])), .tensor(tensor([2], [10, 20])))
        #expect(try sum.data().elements(of: Float.self) == [11, 22])
        #expect(try add.schema().contains("Scalar alpha=1"))
    }

    @Test func `An operator may return several tensors or a list of them`() throws {
        let x = try tensor([4], [3, 1, 4, 2])
        let sorted = try ATenOperation("aten::sort")(.tensor(x))
        #expect(sorted.count == 2)
        #expect(try sorted[0].tensor?.data().elements(of: Float.self) == [1, 2, 3, 4])
        #expect(try sorted[1].tensor?.data().elements(of: Int64.self) == [1, 3, 0, 2])

        let parts = try ATenOperation("aten::split", "Tensor")(.tensor(x), 3)
        #expect(try parts[0].tensors?.map { try $0.data().elements(of: Float.self) } == [[3, 1, 4], [2]])
    }

    @Test func `Numbers and tensors that are absent come back as values`() throws {
        let number = try ATenOperation("aten::item")(.tensor(Tensor(scalar: Float(2.5))))
        #expect(number.first?.number == 2.5)
        let flag = try ATenOperation("aten::equal")(.tensor(tensor([1], [1])), .tensor(tensor([1], [1])))
        #expect(flag.first?.number == 1)

        let x = try tensor([1, 1, 2, 2], [1, 2, 3, 4])
        let w = try tensor([1, 1, 1, 1], [3])
        let gradients = try ATenOperation("aten::convolution_backward")(
            .tensor(x), .tensor(x), .tensor(w), nil, [1, 1], [0, 0], [1, 1], false, [0, 0], 1,
            .bools([false, true, false]))
        #expect(gradients.map { $0.tensor == nil } == [true, false, true])
        #expect(try gradients[1].tensor?.item() == 30)
    }

    @Test func `Lists of doubles, strings and optional tensors reach the operator`() throws {
        let image = try tensor([1, 1, 1, 2], [1, 2])
        let enlarged = try ATenOperation("aten::upsample_nearest2d", "vec")
            .tensor(.tensor(image), nil, .doubles([1, 2]))
        #expect(try enlarged.data().elements(of: Float.self) == [1, 1, 2, 2])

        let gelu = ATenOperation("aten::gelu")
        let one = try tensor([1], [1])
        #expect(abs(try gelu.tensor(.tensor(one), .string("tanh")).item() - 0.841192) < 1e-6)
        #expect(abs(try gelu.tensor(.tensor(one), .string("none")).item() - 0.841345) < 1e-6)

        let matrix = try tensor([2, 2], [1, 2, 3, 4])
        let column = try Tensor(TensorData([1], [1] as [Int64]))
        let picked = try ATenOperation("aten::index", "Tensor")
            .tensor(.tensor(matrix), .optionalTensors([nil, column]))
        #expect(try picked.data().elements(of: Float.self) == [2, 4])
    }

    @Test func `One operation is called from many tasks at once`() async throws {
        let multiply = ATenOperation("aten::mul", "Scalar")
        let products = try await withThrowingTaskGroup(of: Double.self) { group in
            for factor in 0..<32 {
                group.addTask {
                    try multiply.tensor(.tensor(Tensor(scalar: Float(2))), .int(factor)).item()
                }
            }
            return try await group.reduce(into: 0, +=)
        }
        #expect(products == 992)
    }
}
