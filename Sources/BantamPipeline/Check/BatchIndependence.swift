public import BantamGraph
import BantamNetwork
import BantamTensor

/// Whether a model computes each sample of a batch as it would by itself.
public enum BatchIndependence {
    private static let samples = 3
    /// Of the largest number of an output: kernels sum in another order for another batch.
    private static let tolerance = 1e-3

    /// Runs noise as one batch through a model whose batch was freed, and piece by piece through the original.
    ///
    /// - Throws: What running them throws.
    public static func holds(for freed: Graph, insteadOf original: Graph) throws -> Bool {
        guard let input = original.inputs.first, original.inputs.count == 1, input.dtype == .float32,
            let batch = input.dimensions.first?.fixedSize
        else { return false }
        let usual = try ShapeInference(of: original)
        guard let shape = usual[input.value]?.shape else { return false }
        let generator = try RandomGenerator(seed: 0)
        return try withoutGradients {
            let pieces = try (0..<samples).map { _ in try Tensor.normal(shape, using: generator) }
            let together = try Network(freed).forward([try Tensor.concatenate(pieces)]).outputs
            let network = try Network(original)
            for (index, piece) in pieces.enumerated() {
                for (found, expected) in zip(together, try network.forward([piece]).outputs) {
                    let rows = expected.shape[0] / batch * batch
                    let part = try found.narrowed(axis: 0, start: index * rows, count: rows).converted(to: .float32)
                    let reference = try expected.converted(to: .float32)
                    let largest = try reference.absolute().maximum().item()
                    let difference = try part.subtracting(reference).absolute().maximum().item()
                    guard difference <= tolerance * max(largest, 1e-6) else { return false }
                }
            }
            return true
        }
    }
}
