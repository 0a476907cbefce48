import BantamGraph
package import BantamTensor

/// Moments of a layer's patches and of what its results lack: all that least squares needs for a change of the weights,
/// damped so that few patches do not lead it astray.
///
/// They are means over the patches and over as many more as there are inputs, which are taken to be uncorrelated, as large
/// on average, and to give what they should. Few results thus leave a layer near where it was, and many hardly feel it:
/// solved freely, 256 results let the weights of a linear layer of 208 inputs grow to twice their norm, and the model learned
/// worse from there.
///
/// In float64, since the solution may be sensitive to small eigenvalues. For groups `G` of `K` inputs and `M` outputs:
package struct PatchMoments {
    /// The patches' second moments, with the damping: `[G, K, K]`.
    package let inputs: Tensor
    /// The products of patches and what is lacking, `[G, K, M]`.
    package let products: Tensor

    /// The most inputs that are solved for at once, those of 256 channels and a 3 x 3 kernel: time grows with the third power,
    /// memory with the second. 512 channels of a 3 x 3 x 3 kernel took ten minutes and 11 GB.
    package static let mostInputs = 2304

    /// The fewest supposed patches, as a share of those there are: what adding up in float32 leaves uncertain.
    private static let leastShare = 1e-5

    /// - Parameters:
    ///   - layer: A layer with patches, on its input.
    ///   - lacking: What is to be added to its result, of the result's shape.
    ///   - layout: Its weight's.
    ///   - chosen: Which of a group's inputs to look at, by their places in the weight's order; all by default.
    ///   - isCentred: Whether moments are about the means: where the mean of the results is made up for by a bias.
    /// - Complexity: O(K^2 + K M) for each patch.
    package init(
        of layer: SingleLayer, lacking: Tensor, _ layout: WeightLayout, inputs chosen: [Int]? = nil, isCentred: Bool
    ) throws {
        let blocks = PatchBlocks(layout)
        let lacking = try lacking.permuted(Self.channelsSecond(layout.outputAxis, rank: lacking.rank))  // [N, C, ...]
        var sums: (inputs: Tensor, products: Tensor, patches: Tensor, results: Tensor)?
        var patchCount = 0
        try layer.forEachSliceOfPatches { patches, samples in
            var patches = try blocks.view(patches: patches)  // [G, R, K]
            if let chosen { patches = try patches.selecting(chosen, axis: 2) }
            let results = try blocks.view(
                results: try lacking.narrowed(axis: 0, start: samples.lowerBound, count: samples.count))  // [G, R, M]
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
        for sum in [sums.inputs, sums.products] { try sum.multiply(by: 1 / (count + supposed)) }
        (inputs, products) = (sums.inputs, sums.products)
    }

    /// - Parameters:
    ///   - count: Of things in a row, such as channels.
    ///   - inputs: Of each of them.
    ///   - limit: The most inputs of a stretch, where one thing has no more.
    /// - Returns: The fewest stretches, of about the same length.
    package static func stretches(of count: Int, inputs: Int = 1, limit: Int) -> [Range<Int>] {
        let length = max(limit / max(inputs, 1), 1)
        let parts = max(count - 1, 0) / length + 1
        return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
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
