package import BantamGraph
package import BantamTensor

/// A layer's weight as matrices of inputs that make up for each other: `[G, K, M]`, with M outputs.
package struct PatchBlocks {
    package let groups: Int
    private let outputs: Int
    /// In each group.
    private let blocks: Int
    private let inputs: Int
    private let isOutputsFirst: Bool

    /// - Parameter largest: The most inputs of a block; as many as there are by default.
    package init(_ layout: WeightLayout, largest: Int = .max) {
        let channels: Int
        switch layout.order {
        case .outputsFirst(let groups):
            (self.groups, channels, outputs, isOutputsFirst) = (groups, layout.columns, layout.rows / groups, true)
        case .inputsFirst, .diagonal:
            (groups, channels, outputs, isOutputsFirst) = (1, layout.rows, layout.columns, false)
        }
        let size = layout.kernelSize
        blocks = (1...channels).first { channels.isMultiple(of: $0) && channels / $0 * size <= largest } ?? channels
        inputs = channels / blocks * size
    }

    /// How many matrices there are, and how many inputs each has.
    package var extents: (count: Int, inputs: Int) { (groups * blocks, inputs) }

    package func view(_ weight: Tensor) throws(TorchError) -> Tensor {
        guard isOutputsFirst else { return try weight.reshaped(to: [blocks, inputs, outputs]) }
        return try weight.reshaped(to: [groups, outputs, blocks, inputs]).permuted([0, 2, 3, 1])
            .reshaped(to: [groups * blocks, inputs, outputs])
    }

    /// The inverse of ``view(_:)``.
    package func weight(_ view: Tensor, of shape: Shape) throws(TorchError) -> Tensor {
        guard isOutputsFirst else { return try view.reshaped(to: shape) }
        return try view.reshaped(to: [groups, blocks, inputs, outputs]).permuted([0, 3, 1, 2]).reshaped(to: shape)
    }

    /// - Parameter patches: `[R, G x K]`
    /// - Returns: `[G, R, K]`
    package func view(patches: Tensor) throws(TorchError) -> Tensor {
        try patches.reshaped(to: [-1, groups * blocks, inputs]).permuted([1, 0, 2])
    }
}
