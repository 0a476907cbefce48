extension TensorData {
    /// The tensor with some of the entries along one axis, in the given order.
    ///
    /// - Parameter indices: Which entries to take; each in `0..<shape[axis]`.
    /// - Complexity: O(elements of the result).
    public func selecting(_ indices: [Int], alongAxis axis: Int) -> TensorData {
        let outer = shape.dimensions[..<axis].reduce(1, *)
        let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
        let extent = shape[axis]
        var selected = type
        selected.shape[axis] = indices.count
        if dtype.bitWidth < 8 { return selectingNibbles(indices, selected, outer: outer, inner: inner, extent: extent) }

        let rowBytes = inner * dtype.bitWidth / 8
        var result = TensorData(zeros: selected)
        withUnsafeBytes { source in
            result.withUnsafeMutableBytes { target in
                var position = 0
                for block in 0..<outer {
                    for index in indices {
                        let row = (block * extent + index) * rowBytes
                        UnsafeMutableRawBufferPointer(rebasing: target[position..<position + rowBytes])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[row..<row + rowBytes]))
                        position += rowBytes
                    }
                }
            }
        }
        return result
    }

    /// Elements of four bits are stored two to a byte, low half first, so rows may begin within a byte.
    private func selectingNibbles(
        _ indices: [Int], _ selected: TensorType, outer: Int, inner: Int, extent: Int
    ) -> TensorData {
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
