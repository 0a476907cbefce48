import BantamGraph
import BantamTensor
import Testing

@Suite struct AutogradTests {
    private func tensor(_ shape: Shape, _ elements: [Float]) throws -> Tensor {
        try Tensor(TensorData(shape, elements)).requireGradient()
    }

    private func elements(_ tensor: Tensor?) throws -> [Float] {
        try #require(tensor).data().elements(of: Float.self)
    }

    @Test func `A convolution of an image has the gradients of the definition`() throws {
        let x = try tensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])
        let w = try tensor([1, 1, 2, 2], [1, 1, 1, 1])
        let y = try ATenOperation("aten::conv2d").tensor(.tensor(x), .tensor(w))
        #expect(try elements(y.detached()) == [12, 16, 24, 28])
        try y.sum().backward()
        #expect(try elements(w.gradient) == [12, 16, 24, 28])
        #expect(try elements(x.gradient) == [1, 2, 1, 2, 4, 2, 1, 2, 1])
    }

    @Test func `A convolution of a clip has the gradients of the definition`() throws {
        let x = try tensor([1, 1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])  // [N, C, T, H, W]
        let w = try tensor([1, 1, 1, 2, 2], [1, 2, 3, 4])
        let y = try ATenOperation("aten::conv3d").tensor(.tensor(x), .tensor(w))  // [1, 1, 2, 1, 1]
        #expect(y.shape == [1, 1, 2, 1, 1])
        #expect(try elements(y.detached()) == [30, 70])
        try y.sum().backward()
        #expect(try elements(w.gradient) == [6, 8, 10, 12])
        #expect(try elements(x.gradient) == [1, 2, 3, 4, 1, 2, 3, 4])
    }

    @Test func `Gradients add up until they are cleared`() throws {
        let x = try tensor([2], [1, 2])
        let y = try x.multiplied(by: x)
        let seed = try Tensor(TensorData([2], [1, 10] as [Float]))
        try y.backward(gradient: seed, retainingGraph: true)
        #expect(try elements(x.gradient) == [2, 40])
        try y.backward(gradient: seed)
        #expect(try elements(x.gradient) == [4, 80])
        try x.setGradient(nil)
        #expect(x.gradient == nil)
        // The record is gone after a backward pass that did not retain it.
        #expect(throws: TorchError.self) { try y.backward(gradient: seed) }
    }

    @Test func `What cannot have a gradient says so`() throws {
        let integers = try Tensor.zeros([2], .int64)
        #expect(throws: TorchError.self) { try integers.requireGradient() }
        #expect(throws: TorchError.self) { try Tensor.zeros([2]).backward() }
        let x = try tensor([2], [1, 2])
        #expect(throws: TorchError.self) { try x.setGradient(Tensor.zeros([3])) }
    }

    @Test func `Nothing is recorded without gradients, even after an error`() throws {
        struct Stop: Error {}
        let x = try tensor([1], [2])
        let y = try withoutGradients { () throws(TorchError) in try x.multiplied(by: x) }
        #expect(!y.requiresGradient)
        #expect(throws: Stop.self) { try withoutGradients { throw Stop() } }
        #expect(try x.multiplied(by: x).requiresGradient)
        let inner = try withoutGradients { try withGradients { try x.multiplied(by: x) } }
        #expect(inner.requiresGradient)
        #expect(try !x.detached().requiresGradient)
    }
}
