import BantamGraph
import BantamLayerwise
import BantamTensor

/// The second moments about their mean of what a layer's weight is multiplied by, added up batch by batch.
///
/// Memory: `4 G K^2` bytes, for `G` blocks of `K` inputs, whatever the number of samples.
final class PatchCovariance {
    let blocks: PatchBlocks
    private let node: Node
    private let weight: Shape
    /// About the first batch's mean, which leaves small numbers to be squared and added in float32.
    private var sums: (first: Tensor, mean: Tensor, squares: Tensor)?
    private var count = 0
    private var turn = 0

    /// Variances below this share of the mean square are what float32 leaves of a constant.
    private static let precision = 1e-6

    /// - Parameters:
    ///   - layout: Of the weight of `node`, a Conv or Gemm.
    ///   - largestBlock: The most inputs that are looked at together.
    init(of node: Node, _ layout: WeightLayout, weight: Shape, largestBlock: Int) {
        self.node = node
        self.weight = weight
        blocks = PatchBlocks(layout, largest: largestBlock)
    }

    /// - Parameters:
    ///   - input: What the layer reads: `[N, C, ...]`.
    ///   - limit: About how many patches are looked at; all by default.
    /// - Complexity: O(K^2) for each patch.
    func observe(_ input: Tensor, limit: Int = .max) throws {
        let rows = try LayerPatches(of: node, weight: weight, input: input.shape)
            .rows(of: input, limit: limit, turn: turn)
        turn += 1
        let patches = try blocks.view(patches: rows)  // [G, R, K]
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

    /// The covariance of all that was observed, which is then forgotten.
    ///
    /// - Parameter damping: What is added to each variance, as a share of their mean.
    /// - Returns: `[G, K, K]`, positive definite.
    /// - Precondition: something was observed.
    func damped(by damping: Double) throws -> Tensor {
        guard let (first, mean, covariance) = sums else { preconditionFailure("\(node.label) without samples") }
        sums = nil
        try mean.multiply(by: 1 / Double(count))
        try covariance.multiply(by: 1 / Double(count))
        try covariance.add(try mean.permuted([0, 2, 1]).multiplied(byMatrix: mean), scaledBy: -1)
        let variances = try ATenOperation("aten::diagonal").tensor(.tensor(covariance), 0, 1, 2)  // [G, K], a view
        let means = try mean.adding(first)
        let square = try means.multiplied(by: means).mean(axes: [2])  // [G, 1]
        let added = try variances.mean(axes: [1], keepingAxes: true).multiplied(by: damping)
            .adding(square, scaledBy: Self.precision)
            // Inputs that are all zero.
            .adding(Double(Float.leastNormalMagnitude))
        try variances.add(added)
        return covariance
    }
}
