import BantamGraph
import BantamLayerwise
import BantamTensor

/// Rounds a layer's weights one input after another, and lets the inputs that are still to come make up for the error.
///
/// A row of errors `e` of the weight adds `e H e'` to the square of the layer's error, with `H` the second moments of
/// the inputs about their mean: the mean error is left to the bias. With the Cholesky factor `H = L L'` that is the sum
/// of the squares of `L[k, k] (e[k] + sum over j > k of e[j] L[j, k] / L[k, k])`. So weight `k` is rounded to the nearest
/// after the weighted errors of those behind it, which are rounded before it, are added. That is GPTQ without the inverse
/// of `H`, with which it chooses the same integers (QuIP, theorem 6).
///
/// Inputs that vary most are rounded first, while there are others left to make up for them.
///
/// - Complexity: O(K^3 + M K^2) for each of the groups of M outputs and K inputs, and O(K^2) for each patch.
/// - Reference: Frantar and Alistarh, *Optimal Brain Compression*, NeurIPS 2022; Frantar et al., *GPTQ: Accurate
///   Post-Training Quantization for Generative Pre-trained Transformers*, ICLR 2023; Chee et al., *QuIP: 2-Bit
///   Quantization of Large Language Models With Guarantees*, NeurIPS 2023.
enum ErrorCompensation {
    /// The most inputs that make up for each other. More of them are compensated in blocks of equally many channels, since
    /// a block takes the cube of its size in time and some five times its square in memory.
    static let largestBlock = 2304

    /// What is added to each variance, as a share of their mean. Ten times what GPTQ takes: that reads thousands of
    /// sentences, and here samples are few and the positions of an image much alike, so that many correlations hold for
    /// them alone (decision 0017).
    static let damping = 0.1
    /// Inputs whose errors act on all others in one product.
    private static let stride = 128

    /// - Parameters:
    ///   - grid: Of the layer's weight.
    ///   - covariance: Of its patches, damped: `[G, K, K]`.
    ///   - blocks: How the weight is split.
    /// - Returns: The integers, of the weight's shape; the errors of the nearest ones and of these, each as a share of the
    ///   variance of the layer's result.
    static func integers(
        of grid: IntegerGrid, _ covariance: Tensor, in blocks: PatchBlocks
    ) throws -> (integers: Tensor, errorBefore: Double, errorAfter: Double) {
        let quotients = try blocks.view(grid.quotient)  // [G, K, M]
        let rounded = try compensated(quotients, covariance, on: grid)
        let integers = try blocks.weight(rounded, of: grid.quotient.shape)
        let numbers = try grid.numbers(grid.quotient)
        func variance(_ weight: Tensor) throws -> Double {
            let view = try blocks.view(weight)
            return try covariance.multiplied(byMatrix: view).multiplied(by: view).sum().item()
        }
        func error(_ integers: Tensor) throws -> Double {
            try variance(try grid.numbers(integers).subtracting(numbers))
        }
        let size = max(try variance(numbers), .leastNormalMagnitude)
        return (integers, try error(try grid.nearest(to: grid.quotient)) / size, try error(integers) / size)
    }

    /// - Parameters:
    ///   - quotients: The weight in units of its scales, `[G, K, M]`.
    ///   - covariance: `[G, K, K]`
    /// - Returns: The integers, `[G, K, M]`.
    private static func compensated(_ quotients: Tensor, _ covariance: Tensor, on grid: IntegerGrid) throws -> Tensor {
        let variances = try diagonalOperation.tensor(.tensor(covariance), 0, 1, 2)
        let order = try sortedIndices.tensor(.tensor(variances), 1, false)  // [G, K], the last is rounded first
        let sorted = try selecting(
            order, axis: 2, of: try selecting(order, axis: 1, of: covariance))
        let integers = try roundedFromLast(try selecting(order, axis: 1, of: quotients), sorted, on: grid)
        let places = try sortedIndices.tensor(.tensor(order), 1, false)
        return try selecting(places, axis: 1, of: integers)
    }

    /// - Parameter indices: `[G, K]`, of slices along an axis of a `[G, ...]`, other ones for each group.
    private static func selecting(_ indices: Tensor, axis: Int, of tensor: Tensor) throws(TorchError) -> Tensor {
        var shape = [indices.shape[0], 1, 1]
        shape[axis] = indices.shape[1]
        let repeated = try ATenOperation("aten::expand")
            .tensor(.tensor(try indices.reshaped(to: Shape(shape))), .ints(tensor.shape.dimensions), false)
        return try ATenOperation("aten::gather").tensor(.tensor(tensor), .int(axis), .tensor(repeated), false)
    }

    private static let diagonalOperation = ATenOperation("aten::diagonal")
    private static let sortedIndices = ATenOperation("aten::argsort")

    /// The same in the order of the inputs, from the last to the first.
    private static func roundedFromLast(
        _ quotients: Tensor, _ covariance: Tensor, on grid: IntegerGrid
    ) throws -> Tensor {
        let factor = try ATenOperation("aten::linalg_cholesky").tensor(.tensor(covariance))
        let diagonal = try diagonalOperation.tensor(.tensor(factor), 0, 1, 2)  // [G, K]
        let (groups, count) = (covariance.shape[0], covariance.shape[1])
        let influence = try factor.divided(by: try diagonal.reshaped(to: [groups, 1, count])).permuted([0, 2, 1])
        let errors = try quotients.multiplied(by: 0)
        var end = count
        while end > 0 {
            let start = max(end - stride, 0)
            let size = end - start
            var wanted = try quotients.narrowed(axis: 1, start: start, count: size)
            if end < count {
                let others = try errors.narrowed(axis: 1, start: end, count: count - end)
                let weights = try influence.narrowed(axis: 1, start: start, count: size)
                    .narrowed(axis: 2, start: end, count: count - end)
                wanted = try wanted.adding(try weights.multiplied(byMatrix: others))
            }
            let among = try influence.narrowed(axis: 1, start: start, count: size)
                .narrowed(axis: 2, start: start, count: size)
            let found = stretch(
                try quotients.narrowed(axis: 1, start: start, count: size).data().elements(of: Float.self),
                wanted: try wanted.data().elements(of: Float.self),
                influence: try among.data().elements(of: Float.self),
                groups: groups, inputs: size, outputs: quotients.shape[2], grid)
            try errors.narrowed(axis: 1, start: start, count: size)
                .copy(from: try Tensor(TensorData([groups, size, quotients.shape[2]], found), device: errors.device))
            end = start
        }
        return try grid.nearest(to: try quotients.subtracting(errors))
    }

    /// The errors of a stretch of inputs, each rounded after those behind it: `[G, K, M]`.
    ///
    /// By loops: a call of libtorch for each input would wait for its threads longer than it computes.
    private static func stretch(
        _ quotients: [Float], wanted: [Float], influence: [Float], groups: Int, inputs: Int, outputs: Int,
        _ grid: IntegerGrid
    ) -> [Float] {
        var (errors, sums) = ([Float](repeating: 0, count: quotients.count), wanted)
        let (lower, upper) = (Float(grid.limits.lowerBound), Float(grid.limits.upperBound))
        errors.withUnsafeMutableBufferPointer { errors in
            sums.withUnsafeMutableBufferPointer { sums in
                for group in 0..<groups {
                    for input in (0..<inputs).reversed() {
                        let row = (group * inputs + input) * outputs
                        for other in input + 1..<inputs {
                            let factor = influence[(group * inputs + input) * inputs + other]
                            let source = (group * inputs + other) * outputs
                            for output in 0..<outputs { sums[row + output] += factor * errors[source + output] }
                        }
                        for output in 0..<outputs {
                            let integer = sums[row + output].rounded(.toNearestOrEven)
                            errors[row + output] = quotients[row + output] - max(lower, min(upper, integer))
                        }
                    }
                }
            }
        }
        return errors
    }
}
