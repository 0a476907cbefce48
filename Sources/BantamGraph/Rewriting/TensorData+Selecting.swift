extension TensorData {
    /// The tensor with some of the entries along one axis, in the given order.
    ///
    /// - Parameter indices: Which entries to take; each in `0..<shape[axis]`.
    /// - Complexity: O(elements of the result).
    public func selecting(_ indices: [Int], alongAxis axis: Int) -> TensorData { selecting([axis: indices]) }

    /// The tensor with some of the entries along each of some axes, in one pass.
    ///
    /// - Parameter choices: Which entries to take, by axis; each in `0..<shape[axis]`.
    /// - Complexity: O(elements of the result).
    public func selecting(_ choices: [Int: [Int]]) -> TensorData {
        guard let last = choices.keys.max(), let indices = choices[last] else { return self }
        if dtype.bitWidth < 8 { return selectingNibbles(choices) }
        var selected = type
        for (axis, indices) in choices { selected.shape[axis] = indices.count }

        let extent = shape[last]
        let rowBytes = shape.dimensions[(last + 1)...].reduce(1, *) * dtype.bitWidth / 8
        // The blocks before the last axis, numbered as in the source.
        var blocks = [0]
        for axis in 0..<last {
            let entries = choices[axis] ?? Array(0..<shape[axis])
            let size = shape[axis]
            blocks = blocks.flatMap { block in entries.lazy.map { block * size + $0 } }
        }
        var result = TensorData(zeros: selected)
        withUnsafeBytes { source in
            result.withUnsafeMutableBytes { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                if rowBytes.isMultiple(of: 4), rowBytes <= Self.shortRow {
                    Self.copyWords(of: blocks, indices, extent: extent, words: rowBytes / 4, from: from, to: to)
                } else {
                    var position = to
                    for block in blocks {
                        for index in indices {
                            let row = from + (block * extent + index) * rowBytes
                            position.copyMemory(from: row, byteCount: rowBytes)
                            position += rowBytes
                        }
                    }
                }
            }
        }
        return result
    }

    /// Up to here, in bytes, a loop is faster than a call for each row: kernels of 3x3 floats have 36.
    private static let shortRow = 64

    private static func copyWords(
        of blocks: [Int], _ indices: [Int], extent: Int, words: Int, from: UnsafeRawPointer,
        to: UnsafeMutableRawPointer
    ) {
        var position = to
        indices.withUnsafeBufferPointer { indices in
            for block in blocks {
                let start = from + block * extent * words * 4
                for index in indices {
                    let row = start + index * words * 4
                    for word in 0..<words {
                        // In a mapped file a tensor may begin anywhere.
                        let bits = row.loadUnaligned(fromByteOffset: word * 4, as: UInt32.self)
                        position.storeBytes(of: bits, toByteOffset: word * 4, as: UInt32.self)
                    }
                    position += words * 4
                }
            }
        }
    }

    /// Elements of four bits are stored two to a byte, low half first, so rows may begin within a byte.
    private func selectingNibbles(_ choices: [Int: [Int]]) -> TensorData {
        choices.sorted { $0.key < $1.key }.reduce(self) { $0.selectingNibbles($1.value, alongAxis: $1.key) }
    }

    private func selectingNibbles(_ indices: [Int], alongAxis axis: Int) -> TensorData {
        let outer = shape.dimensions[..<axis].reduce(1, *)
        let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
        let extent = shape[axis]
        var selected = type
        selected.shape[axis] = indices.count
        var result = TensorData(zeros: selected)
        withUnsafeBytes { source in
            result.withUnsafeMutableBytes { target in
                var position = 0
                for block in 0..<outer {
                    for index in indices {
                        for element in (block * extent + index) * inner..<(block * extent + index + 1) * inner {
                            let nibble = (source[element / 2] >> UInt8(element % 2 * 4)) & 0xF
                            target[position / 2] |= nibble << UInt8(position % 2 * 4)
                            position += 1
                        }
                    }
                }
            }
        }
        return result
    }
}
