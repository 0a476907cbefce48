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
        try Self.inPieces(of: graph.fixedBatchSize, inputs) { try forward([$0], taps: taps) }
    }

    /// The same of whatever runs the model.
    ///
    /// - Parameters:
    ///   - size: What the model insists on; `nil` for any.
    ///   - run: Given a piece.
    package static func inPieces(of size: Int?, _ inputs: Tensor, run: (Tensor) throws -> Result) throws -> Result {
        let count = inputs.shape[0]
        guard let size, size != count else { return try run(inputs) }
        var pieces: [Result] = []
        for start in stride(from: 0, to: count, by: size) {
            let positions = (start..<start + size).map { min($0, count - 1) }
            pieces.append(try run(try inputs.selecting(positions, axis: 0)))
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
