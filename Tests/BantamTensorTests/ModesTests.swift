import BantamGraph
import BantamTensor
import Testing

@Suite struct ModesTests {
    private let convolution = ATenOperation("aten::conv2d")

    @Test func `Autocast computes convolutions in bfloat16 and cross-entropy in float32`() throws {
        let x = try Tensor.ones([1, 1, 2, 2])
        let w = try Tensor.ones([1, 1, 2, 2])
        try withAutocast {
            let y = try convolution.tensor(.tensor(x), .tensor(w))
            #expect(y.dtype == .bfloat16)
            let label = try Tensor.zeros([1], .int64)
            #expect(try y.reshaped(to: [1, 1]).crossEntropy(with: label).dtype == .float32)
        }
        #expect(try convolution.tensor(.tensor(x), .tensor(w)).dtype == .float32)
    }

    @Test(arguments: [[1, 1, 2, 2], [1, 1, 2, 2, 2]])
    func `Autocast knows the general convolution, of images and of clips`(dimensions: [Int]) throws {
        let x = try Tensor.ones(Shape(dimensions))
        let axes = dimensions.count - 2
        let y = try withAutocast {
            try ATenOperation("aten::convolution").tensor(
                .tensor(x), .tensor(x), nil, .ints(Array(repeating: 1, count: axes)),
                .ints(Array(repeating: 0, count: axes)), .ints(Array(repeating: 1, count: axes)), false,
                .ints(Array(repeating: 0, count: axes)), 1)
        }
        #expect(y.dtype == .bfloat16)
        #expect(try y.item() == Double(1 << axes))
    }

    @Test func `A weight changed between scopes is cast anew`() throws {
        let x = try Tensor.ones([1, 1, 1, 1])
        let w = try Tensor.ones([1, 1, 1, 1]).requireGradient()
        let before = try withAutocast { try convolution.tensor(.tensor(x), .tensor(w)).item() }
        try withoutGradients { try w.multiply(by: 3) }
        let after = try withAutocast { try convolution.tensor(.tensor(x), .tensor(w)).item() }
        #expect(before == 1 && after == 3)
    }

    @Test func `A backward pass through autocast gives float32 gradients`() throws {
        let x = try Tensor.ones([1, 1, 2, 2])
        let w = try Tensor.ones([1, 1, 2, 2]).requireGradient()
        let loss = try withAutocast { try convolution.tensor(.tensor(x), .tensor(w)).converted(to: .float32).sum() }
        try loss.backward()
        #expect(w.gradient?.dtype == .float32)
        #expect(try w.gradient?.sum().item() == 4)
    }

    @Test func `Autocast ends with an error in its scope`() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) { try withAutocast { throw Stop() } }
        let x = try Tensor.ones([1, 1, 1, 1])
        #expect(try convolution.tensor(.tensor(x), .tensor(x)).dtype == .float32)
    }
}
