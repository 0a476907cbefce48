import BantamGraph
import BantamTensor
import Testing

/// The optimizers of `BantamTraining` stand on these two operators, so their argument lists are pinned here.
@Suite struct FusedOptimizerTests {
    private let gradients: [[Double]] = [[0.5, -1, 0.25], [1, 0.125, -0.5]]

    private func tensor(_ elements: [Double]) throws -> Tensor {
        try Tensor(TensorData([elements.count], elements))
    }

    @Test func `Fused SGD equals the plain formula`() throws {
        let (rate, momentum, decay) = (0.1, 0.9, 0.01)
        let fused = ATenOperation("aten::_fused_sgd_")
        let parameter = try tensor([1, 2, 3])
        let buffer = try Tensor.empty([3], .float64)
        var expected = [1.0, 2, 3]
        var velocity = [0.0, 0, 0]
        for (step, gradient) in gradients.enumerated() {
            try fused(
                .tensors([parameter]), .tensors([tensor(gradient)]), .tensors([buffer]), .double(decay),
                .double(momentum), .double(rate), 0.0, false, false, .bool(step == 0))
            for i in 0..<3 {
                velocity[i] = momentum * velocity[i] + gradient[i] + decay * expected[i]
                expected[i] -= rate * velocity[i]
            }
        }
        for (found, wanted) in zip(try parameter.data().elements(of: Double.self), expected) {
            #expect(abs(found - wanted) < 1e-12)
        }
    }

    @Test func `Fused AdamW equals the plain formula`() throws {
        let (rate, beta1, beta2, decay, epsilon) = (0.01, 0.9, 0.999, 0.05, 1e-8)
        let fused = ATenOperation("aten::_fused_adamw_")
        let parameter = try tensor([1, 2, 3])
        let (first, second) = (try Tensor.zeros([3], .float64), try Tensor.zeros([3], .float64))
        let count = try Tensor.zeros([], .float32)
        var expected = [1.0, 2, 3]
        var (mean, square) = ([0.0, 0, 0], [0.0, 0, 0])
        for (index, gradient) in gradients.enumerated() {
            try count.fill(with: Double(index + 1))
            try fused(
                .tensors([parameter]), .tensors([tensor(gradient)]), .tensors([first]), .tensors([second]),
                .tensors([]), .tensors([count]), .double(rate), .double(beta1), .double(beta2), .double(decay),
                .double(epsilon), false, false)
            var (power1, power2) = (1.0, 1.0)
            for _ in 0...index { (power1, power2) = (power1 * beta1, power2 * beta2) }
            for i in 0..<3 {
                expected[i] -= rate * decay * expected[i]
                mean[i] = beta1 * mean[i] + (1 - beta1) * gradient[i]
                square[i] = beta2 * square[i] + (1 - beta2) * gradient[i] * gradient[i]
                let deviation = (square[i] / (1 - power2)).squareRoot() + epsilon
                expected[i] -= rate * mean[i] / (1 - power1) / deviation
            }
        }
        for (found, wanted) in zip(try parameter.data().elements(of: Double.self), expected) {
            #expect(abs(found - wanted) < 1e-9)
        }
    }
}
