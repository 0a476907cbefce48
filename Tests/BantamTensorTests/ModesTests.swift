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
