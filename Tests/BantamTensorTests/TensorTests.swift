import BantamGraph
import Testing

@testable import BantamTensor

@Suite struct TensorTests {
    @Test(arguments: DType.allCases.filter { $0.bitWidth >= 8 })
    func `Data of every type returns unchanged`(dtype: DType) throws {
        var data = TensorData(zeros: TensorType(dtype, [2, 3]))
        data.withUnsafeMutableBytes { bytes in
            for index in bytes.indices { bytes[index] = dtype == .bool ? UInt8(index % 2) : UInt8(index + 1) }
        }
        let tensor = try Tensor(data)
        #expect(tensor.type == data.type)
        #expect(try tensor.data() == data)
    }

    @Test func `Scalars and empty tensors keep their shapes`() throws {
        #expect(try Tensor(scalar: Int64(7)).data() == TensorData(scalar: Int64(7)))
        let empty = TensorData(zeros: TensorType(.float32, [0, 3]))
        #expect(try Tensor(empty).data() == empty)
    }

    @Test(arguments: [[2, 3, 4, 5], [2, 3, 2, 4, 5]])
    func `Channels-last memory changes neither shape nor data`(dimensions: [Int]) throws {
        let generator = try RandomGenerator(seed: 1)
        let tensor = try Tensor.normal(Shape(dimensions), using: generator)
        let last = try tensor.channelsLast()
        #expect(last.isChannelsLast && !last.isContiguous)
        #expect(last.strides[1] == 1)
        #expect(last.shape == tensor.shape)
        #expect(try last.data() == tensor.data())
        #expect(try last.contiguous().isContiguous)
    }

    @Test func `Memory starts at a multiple of 64 bytes`() throws {
        for count in [1, 3, 100, 5000, 1_000_000] {
            let tensor = try Tensor.empty([count])
            #expect(Int(bitPattern: tensor.info.data) % 64 == 0)
        }
    }

    @Test func `Shapes, joins and slices`() throws {
        let rows = try Tensor.range(6).reshaped(to: [2, -1])  // [2, 3]
        #expect(try rows.permuted([1, 0]).data().elements(of: Int64.self) == [0, 3, 1, 4, 2, 5])
        #expect(try rows.narrowed(axis: 1, start: 1, count: 2).data().elements(of: Int64.self) == [1, 2, 4, 5])
        #expect(try Tensor.concatenate([rows, rows], axis: 1).shape == [2, 6])
        #expect(try Tensor.stack([rows, rows], axis: 1).shape == [2, 2, 3])
        let order = try Tensor(TensorData([2], [1, 0] as [Int64]))
        #expect(try rows.selecting(order, axis: 0).data().elements(of: Int64.self) == [3, 4, 5, 0, 1, 2])
        #expect(try rows.converted(to: .float32).dtype == .float32)
    }

    @Test func `Arithmetic, reductions and in-place changes`() throws {
        let x = try Tensor(TensorData([2, 2], [1, 2, 3, 4] as [Float]))
        let y = try Tensor.full([2, 2], with: 2)
        #expect(try x.adding(y, scaledBy: 0.5).data().elements(of: Float.self) == [2, 3, 4, 5])
        #expect(try x.subtracting(y).rectified().data().elements(of: Float.self) == [0, 0, 1, 2])
        #expect(try x.multiplied(byMatrix: y).data().elements(of: Float.self) == [6, 6, 14, 14])
        #expect(try x.divided(by: y).sum().item() == 5)
        #expect(try x.mean(axes: [0], keepingAxes: true).data() == TensorData([1, 2], [2, 3] as [Float]))
        #expect(try x.argmax(axis: 1).data().elements(of: Int64.self) == [1, 1])
        #expect(try x.equal(to: y).converted(to: .int64).sum().item() == 1)
        try x.add(y, scaledBy: -1)
        try x.multiply(by: 10)
        #expect(try x.data().elements(of: Float.self) == [-10, 0, 10, 20])
        try x.copy(from: y)
        try y.fill(with: 0)
        #expect(try x.sum().item() == 8)
    }

    @Test func `Softmax and cross-entropy agree with their definitions`() throws {
        let logits = try Tensor(TensorData([1, 2], [0, 1] as [Float]))
        let label = try Tensor(TensorData([1], [1] as [Int64]))
        let likely = 0.731_058_6  // 1 / (1 + 1/e)
        #expect(abs(try logits.softmax(axis: 1).maximum().item() - likely) < 1e-6)
        #expect(abs(try logits.crossEntropy(with: label).item() + 0.313_261_7 * -1) < 1e-6)
        // A smoothing of 0.2 gives the label 0.9 and the other class 0.1 of the weight.
        let smoothed = 0.9 * 0.313_261_7 + 0.1 * 1.313_261_7
        #expect(abs(try logits.crossEntropy(with: label, labelSmoothing: 0.2).item() - smoothed) < 1e-6)
    }

    @Test func `The count of live tensors returns to its start`() throws {
        let before = Tensor.liveCountOnThread
        do {
            let x = try Tensor.ones([2, 3])
            let parts = try ATenOperation("aten::split", "Tensor")(.tensor(x), 1)
            #expect(parts.first?.tensors?.count == 2)
            #expect(Tensor.liveCountOnThread == before + 3)
            try x.requireGradient().sum().backward()
            #expect(x.gradient != nil)
        }
        #expect(Tensor.liveCountOnThread == before)
        #expect(Tensor.liveCount >= 0)
    }

    @Test func `A tensor describes itself`() throws {
        #expect(try Tensor.zeros([2, 3]).description == "float32[2, 3]")
        #expect("\(ATenValue.tensors([try Tensor.zeros([1], .int8)]))" == "[int8[1]]")
    }
}
