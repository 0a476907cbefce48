import BantamGraph
import BantamTensor

/// First and second moments of a layer's patches and of the results they are to give: all that least squares needs.
///
/// In float64, since the solution may be sensitive to small eigenvalues. For groups `G` of `K` inputs and `M` outputs:
struct PatchMoments {
    /// The patches' second moments, `[G, K, K]`.
    private(set) var inputs: Tensor
    /// The products of patches and results, `[G, K, M]`.
    private(set) var products: Tensor
    /// The patches' mean, `[G, K, 1]`.
    private(set) var inputMean: Tensor
    /// The results' mean, `[G, 1, M]`.
    private(set) var outputMean: Tensor

    /// - Parameters:
    ///   - layer: A layer with patches, on its input.
    ///   - wanted: What it should compute, of its result's shape.
    ///   - layout: Its weight's.
    /// - Complexity: O(K^2 + K M) for each patch.
    init(of layer: SingleLayer, wanted: Tensor, _ layout: WeightLayout) throws {
        let blocks = PatchBlocks(layout)
        let wanted = try wanted.permuted(Self.channelsSecond(layout.outputAxis, rank: wanted.rank))  // [N, C, ...]
        var sums: (inputs: Tensor, products: Tensor, inputMean: Tensor, outputMean: Tensor)?
        var count = 0
        try layer.forEachSliceOfPatches { patches, samples in
            let patches = try blocks.view(patches: patches)  // [G, R, K]
            let results = try blocks.view(
                results: try wanted.narrowed(axis: 0, start: samples.lowerBound, count: samples.count))  // [G, R, M]
            let turned = try patches.permuted([0, 2, 1])
            let slice = (
                try turned.multiplied(byMatrix: patches).converted(to: .float64),
                try turned.multiplied(byMatrix: results).converted(to: .float64),
                try turned.converted(to: .float64).sum(axes: [2], keepingAxes: true),
                try results.converted(to: .float64).sum(axes: [1], keepingAxes: true)
            )
            count += patches.shape[1]
            guard let sums else {
                sums = slice
                return
            }
            try sums.inputs.add(slice.0)
            try sums.products.add(slice.1)
            try sums.inputMean.add(slice.2)
            try sums.outputMean.add(slice.3)
        }
        guard let sums else { preconditionFailure("a layer without samples") }
        for sum in [sums.inputs, sums.products, sums.inputMean, sums.outputMean] {
            try sum.multiply(by: 1 / Double(max(count, 1)))
        }
        (inputs, products) = (sums.inputs, sums.products)
        (inputMean, outputMean) = (sums.inputMean, sums.outputMean)
    }

    private static func channelsSecond(_ axis: Int, rank: Int) -> [Int] {
        [0, axis] + (1..<rank).filter { $0 != axis }
    }

    /// About the means: where the mean of the results is made up for by a bias.
    func centred() throws -> (inputs: Tensor, products: Tensor) {
        let inputs = try self.inputs.subtracting(
            try inputMean.multiplied(byMatrix: try inputMean.permuted([0, 2, 1])))
        return (inputs, try products.subtracting(try inputMean.multiplied(byMatrix: outputMean)))
    }
}

extension PatchBlocks {
    /// - Parameter results: `[N, C, ...]`
    /// - Returns: `[G, R, M]`, row by row what the patches give.
    func view(results: Tensor) throws(TorchError) -> Tensor {
        let channels = results.shape[1]
        let rows = try results.reshaped(to: [results.shape[0], channels, -1]).permuted([0, 2, 1])
            .reshaped(to: [-1, groups, channels / groups])
        return try rows.permuted([1, 0, 2])
    }
}
