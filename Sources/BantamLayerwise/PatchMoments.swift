import BantamGraph
package import BantamTensor

/// Moments of a layer's patches and of the results they are to give: all that least squares needs, damped so that few
/// patches do not lead it astray.
///
/// They are means over the patches and over as many more as there are inputs, which are taken to be uncorrelated, as large
/// on average, and given by the layer as it is. Few results thus leave a layer near where it was, and many hardly feel it:
/// solved freely, 256 results let the weights of a linear layer of 208 inputs grow to twice their norm, and the model learned
/// worse from there.
///
/// In float64, since the solution may be sensitive to small eigenvalues. For groups `G` of `K` inputs and `M` outputs:
package struct PatchMoments {
    /// The patches' second moments, with the damping: `[G, K, K]`.
    package let inputs: Tensor
    /// The products of patches and results, `[G, K, M]`.
    package let products: Tensor
    /// The part of each input's second moment that is taken to be; times the layer's weights it belongs to the products.
    /// `[G, 1, 1]`
    package let damping: Tensor

    /// The fewest supposed patches, as a share of those there are: what adding up in float32 leaves uncertain.
    private static let leastShare = 1e-5

    /// - Parameters:
    ///   - layer: A layer with patches, on its input.
    ///   - wanted: What it should compute, of its result's shape.
    ///   - layout: Its weight's.
    ///   - isCentred: Whether moments are about the means: where the mean of the results is made up for by a bias.
    /// - Complexity: O(K^2 + K M) for each patch.
    package init(of layer: SingleLayer, wanted: Tensor, _ layout: WeightLayout, isCentred: Bool) throws {
        let blocks = PatchBlocks(layout)
        let wanted = try wanted.permuted(Self.channelsSecond(layout.outputAxis, rank: wanted.rank))  // [N, C, ...]
        var sums: (inputs: Tensor, products: Tensor, patches: Tensor, results: Tensor)?
        var patchCount = 0
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
            patchCount += patches.shape[1]
            guard let sums else {
                sums = slice
                return
            }
            try sums.inputs.add(slice.0)
            try sums.products.add(slice.1)
            try sums.patches.add(slice.2)
            try sums.results.add(slice.3)
        }
        guard let sums else { preconditionFailure("a layer without samples") }
        let count = Double(max(patchCount, 1))
        if isCentred {
            let turned = try sums.patches.permuted([0, 2, 1])
            try sums.inputs.add(try sums.patches.multiplied(byMatrix: turned), scaledBy: -1 / count)
            try sums.products.add(try sums.patches.multiplied(byMatrix: sums.results), scaledBy: -1 / count)
        }
        let supposed = max(Double(sums.inputs.shape[1]), Self.leastShare * count)
        let diagonal = try ATenOperation("aten::diagonal").tensor(.tensor(sums.inputs), 0, 1, 2)  // [G, K], a view
        let damping = try diagonal.mean(axes: [1], keepingAxes: true).multiplied(by: supposed / count)
            // Inputs that are all zero.
            .adding(Double(Float.leastNormalMagnitude))
        try diagonal.add(damping)
        for sum in [sums.inputs, sums.products, damping] { try sum.multiply(by: 1 / (count + supposed)) }
        (inputs, products) = (sums.inputs, sums.products)
        self.damping = try damping.reshaped(to: [-1, 1, 1])
    }

    private static func channelsSecond(_ axis: Int, rank: Int) -> [Int] {
        [0, axis] + (1..<rank).filter { $0 != axis }
    }
}

extension PatchBlocks {
    /// - Parameter results: `[N, C, ...]`
    /// - Returns: `[G, R, M]`, row by row what the patches give.
    package func view(results: Tensor) throws(TorchError) -> Tensor {
        let channels = results.shape[1]
        let rows = try results.reshaped(to: [results.shape[0], channels, -1]).permuted([0, 2, 1])
            .reshaped(to: [-1, groups, channels / groups])
        return try rows.permuted([1, 0, 2])
    }
}
