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
struct ErrorCompensation {
    /// The most inputs that make up for each other. More of them are compensated in blocks of equally many channels, since
    /// a block takes the cube of its size in time and some five times its square in memory.
    var largestBlock = 2304

    /// What is added to each variance, as a share of their mean. Ten times what GPTQ takes: that reads thousands of
    /// sentences, and here samples are few and the positions of an image much alike, so that many correlations hold for
    /// them alone (decision 0017).
    private static let damping = 0.1
    /// Variances below this share of the mean square are what float32 leaves of a constant.
    private static let precision = 1e-6
    /// Inputs whose errors act on all others in one product.
    private static let stride = 128

    /// - Parameters:
    ///   - grid: Of the layer's weight.
    ///   - layout: The weight's; of Conv or Gemm.
    /// - Returns: The integers, of the weight's shape.
    func integers(of grid: IntegerGrid, _ layout: WeightLayout, in layer: SingleLayer) throws -> Tensor {
        let blocks = PatchBlocks(layout, largest: largestBlock)
        let covariance = try covariance(of: layer, blocks)
        let quotients = try blocks.view(grid.quotient)  // [G, K, M]
        let rounded = try compensated(quotients, covariance, on: grid)
        return try blocks.weight(rounded, of: grid.quotient.shape)
    }

    /// The second moments of the patches about their mean, with damping: `[G, K, K]`.
    private func covariance(of layer: SingleLayer, _ blocks: PatchBlocks) throws -> Tensor {
        var count = 0
        // About the first slice's mean, which leaves small numbers to be squared and added in float32.
        var sums: (first: Tensor, mean: Tensor, squares: Tensor)?
        try layer.forEachSliceOfPatches { patches, _ in
            let patches = try blocks.view(patches: patches)  // [G, R, K]
            let first = try sums?.first ?? patches.mean(axes: [1], keepingAxes: true)
            let centred = try patches.subtracting(first)
            let sum = try centred.sum(axes: [1], keepingAxes: true)  // [G, 1, K]
            let squares = try centred.permuted([0, 2, 1]).multiplied(byMatrix: centred)  // [G, K, K]
            count += patches.shape[1]
            guard let sums else {
                sums = (first, sum, squares)
                return
            }
            try sums.mean.add(sum)
            try sums.squares.add(squares)
        }
        guard let (first, mean, covariance) = sums else { preconditionFailure("a layer without samples") }
        try mean.multiply(by: 1 / Double(count))
        try covariance.multiply(by: 1 / Double(count))
        try covariance.add(try mean.permuted([0, 2, 1]).multiplied(byMatrix: mean), scaledBy: -1)
        let variances = try Self.diagonal.tensor(.tensor(covariance), 0, 1, 2)  // [G, K], a view
        let means = try mean.adding(first)
        let square = try means.multiplied(by: means).mean(axes: [2])  // [G, 1]
        let added = try variances.mean(axes: [1], keepingAxes: true).multiplied(by: Self.damping)
            .adding(square, scaledBy: Self.precision)
            // Inputs that are all zero.
            .adding(Double(Float.leastNormalMagnitude))
        try variances.add(added)
        return covariance
    }

    /// - Parameters:
    ///   - quotients: The weight in units of its scales, `[G, K, M]`.
    ///   - covariance: `[G, K, K]`
    /// - Returns: The integers, `[G, K, M]`.
    private func compensated(_ quotients: Tensor, _ covariance: Tensor, on grid: IntegerGrid) throws -> Tensor {
        let variances = try Self.diagonal.tensor(.tensor(covariance), 0, 1, 2)
        let order = try Self.sortedIndices.tensor(.tensor(variances), 1, false)  // [G, K], the last is rounded first
        let sorted = try Self.selecting(
            order, axis: 2, of: try Self.selecting(order, axis: 1, of: covariance))
        let integers = try roundedFromLast(try Self.selecting(order, axis: 1, of: quotients), sorted, on: grid)
        let places = try Self.sortedIndices.tensor(.tensor(order), 1, false)
        return try Self.selecting(places, axis: 1, of: integers)
    }

    /// - Parameter indices: `[G, K]`, of slices along an axis of a `[G, ...]`, other ones for each group.
    private static func selecting(_ indices: Tensor, axis: Int, of tensor: Tensor) throws(TorchError) -> Tensor {
        var shape = [indices.shape[0], 1, 1]
        shape[axis] = indices.shape[1]
        let repeated = try ATenOperation("aten::expand")
            .tensor(.tensor(try indices.reshaped(to: Shape(shape))), .ints(tensor.shape.dimensions), false)
        return try ATenOperation("aten::gather").tensor(.tensor(tensor), .int(axis), .tensor(repeated), false)
    }

    private static let diagonal = ATenOperation("aten::diagonal")
    private static let sortedIndices = ATenOperation("aten::argsort")

    /// The same in the order of the inputs, from the last to the first.
    private func roundedFromLast(_ quotients: Tensor, _ covariance: Tensor, on grid: IntegerGrid) throws -> Tensor {
        let factor = try ATenOperation("aten::linalg_cholesky").tensor(.tensor(covariance))
        let diagonal = try Self.diagonal.tensor(.tensor(factor), 0, 1, 2)  // [G, K]
        let (groups, count) = (covariance.shape[0], covariance.shape[1])
        let influence = try factor.divided(by: try diagonal.reshaped(to: [groups, 1, count])).permuted([0, 2, 1])
        let errors = try quotients.multiplied(by: 0)
        var end = count
        while end > 0 {
            let start = max(end - Self.stride, 0)
            func compensation(for inputs: Range<Int>, by others: Range<Int>) throws -> Tensor {
                try influence.narrowed(axis: 1, start: inputs.lowerBound, count: inputs.count)
                    .narrowed(axis: 2, start: others.lowerBound, count: others.count)
                    .multiplied(byMatrix: try errors.narrowed(axis: 1, start: others.lowerBound, count: others.count))
            }
            let wanted = try quotients.narrowed(axis: 1, start: start, count: end - start)
                .adding(try compensation(for: start..<end, by: end..<count))
            for input in (start..<end).reversed() {
                let number = try wanted.narrowed(axis: 1, start: input - start, count: 1)
                    .adding(try compensation(for: input..<input + 1, by: input + 1..<end))
                let error = try quotients.narrowed(axis: 1, start: input, count: 1)
                    .subtracting(try grid.nearest(to: number))
                try errors.narrowed(axis: 1, start: input, count: 1).copy(from: error)
            }
            end = start
        }
        return try grid.nearest(to: try quotients.subtracting(errors))
    }
}
