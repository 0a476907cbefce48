package import BantamGraph
import BantamModel
package import BantamNetwork
package import BantamTensor

extension Graph {
    /// The number of samples that the model takes at once; `nil` where it leaves that free.
    package var fixedBatchSize: Int? { inputs.first?.dimensions.first?.fixedSize }
}

extension Network {
    /// Runs a batch in inference mode, in pieces of the size that the model insists on, if it does.
    ///
    /// The last piece is filled up with copies of its last sample, whose results are dropped.
    ///
    /// - Parameter inputs: `[N, ...]` for any N.
    /// - Returns: As for a model of free batch size: outputs and taps of N samples.
    package func forward(anyBatch inputs: Tensor, taps: [ValueID] = []) throws -> Result {
        let count = inputs.shape[0]
        guard let size = graph.fixedBatchSize, size != count else { return try forward([inputs], taps: taps) }
        var pieces: [Result] = []
        for start in stride(from: 0, to: count, by: size) {
            let positions = (start..<start + size).map { min($0, count - 1) }
            pieces.append(try forward([try inputs.selecting(positions, axis: 0)], taps: taps))
        }
        func joined(_ parts: [Tensor]) throws -> Tensor {
            guard let rows = parts[0].shape.dimensions.first, rows.isMultiple(of: size) else { return parts[0] }
            return try Tensor.concatenate(parts).narrowed(axis: 0, start: 0, count: rows / size * count)
        }
        return Result(
            outputs: try pieces[0].outputs.indices.map { index in try joined(pieces.map { $0.outputs[index] }) },
            taps: try Dictionary(
                uniqueKeysWithValues: pieces[0].taps.keys.map { value in
                    (value, try joined(pieces.compactMap { $0.taps[value] }))
                }))
    }
}
