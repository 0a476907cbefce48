import Dispatch

/// Some of the entries of a tensor, along one axis or several.
struct TensorSelection: Sendable {
    private let data: TensorData
    /// Which entries to take, by axis; each in `0..<shape[axis]`.
    private let choices: [Int: [Int]]
    /// What is taken, as a tensor.
    let type: TensorType

    init(_ data: TensorData, _ choices: [Int: [Int]]) {
        self.data = data
        self.choices = choices
        var type = data.type
        for (axis, indices) in choices { type.shape[axis] = indices.count }
        self.type = type
    }

    /// - Complexity: O(elements of the result).
    func gathered() -> TensorData {
        TensorData(type, storage: TensorStorage(byteCount: type.byteCount.bytes) { copy(to: $0) })
    }

    // MARK: Many at once

    /// The results of all selections, which share one block of memory.
    ///
    /// Most of the time goes into waiting for memory: the system clears a few large pages faster than thousands of
    /// small ones, and two cores wait for more lines at once than one does.
    static func gathered(_ selections: [TensorSelection]) -> [TensorData] {
        var byteCount = 0
        let offsets = selections.map { selection in
            defer { byteCount += (selection.type.byteCount.bytes + alignment - 1) / alignment * alignment }
            return byteCount
        }
        let storage = TensorStorage(byteCount: byteCount) { bytes in
            nonisolated(unsafe) let bytes = bytes
            // The largest first, so that no thread begins one when the others are done.
            let order = selections.indices.sorted {
                selections[$0].type.byteCount.bytes > selections[$1].type.byteCount.bytes
            }
            let copy = { @Sendable (place: Int) in
                let index = order[place]
                let selection = selections[index]
                let end = offsets[index] + selection.type.byteCount.bytes
                selection.copy(to: UnsafeMutableRawBufferPointer(rebasing: bytes[offsets[index]..<end]))
            }
            if byteCount < concurrencyThreshold {
                selections.indices.forEach(copy)
            } else {
                DispatchQueue.concurrentPerform(iterations: selections.count, execute: copy)
            }
        }
        return zip(selections, offsets).map { TensorData($0.type, storage: storage, byteOffset: $1) }
    }

    /// Results begin at multiples of a cache line, so that no two cores write to one.
    private static let alignment = 64
    /// In bytes; waking other threads for less takes longer than the copy.
    private static let concurrencyThreshold = 1 << 20

    // MARK: Copying

    private func copy(to target: UnsafeMutableRawBufferPointer) {
        guard let last = choices.keys.max(), let indices = choices[last] else {
            return data.withUnsafeBytes { target.copyMemory(from: $0) }
        }
        guard data.dtype.bitWidth >= 8 else { return copyNibbles(to: target) }
        let rowBytes = data.shape.dimensions[(last + 1)...].reduce(1, *) * data.dtype.bitWidth / 8
        let stride = data.shape[last] * rowBytes
        data.withUnsafeBytes { source in
            guard let from = source.baseAddress, var to = target.baseAddress, rowBytes > 0 else { return }
            indices.withUnsafeBufferPointer { indices in
                for block in blocks(before: last) {
                    let start = from + block * stride
                    if rowBytes == 4 {
                        for index in indices {
                            // In a mapped file a tensor may begin anywhere.
                            let bits = start.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                            to.storeBytes(of: bits, as: UInt32.self)
                            to += 4
                        }
                    } else if rowBytes.isMultiple(of: 4), rowBytes <= Self.shortRow {
                        for index in indices {
                            Self.copyShortRow(from: start + index * rowBytes, to: to, byteCount: rowBytes)
                            to += rowBytes
                        }
                    } else {
                        for index in indices {
                            to.copyMemory(from: start + index * rowBytes, byteCount: rowBytes)
                            to += rowBytes
                        }
                    }
                }
            }
        }
    }

    /// The blocks before an axis that are taken, numbered as in the source.
    private func blocks(before last: Int) -> [Int] {
        (0..<last).reduce([0]) { blocks, axis in
            let size = data.shape[axis]
            let entries = choices[axis] ?? Array(0..<size)
            return blocks.flatMap { block in entries.lazy.map { block * size + $0 } }
        }
    }

    /// Up to here, in bytes, a loop is faster than a call for each row: kernels of 3x3 floats have 36.
    private static let shortRow = 128

    @inline(__always)
    private static func copyShortRow(
        from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, byteCount: Int
    ) {
        var offset = 0
        while offset + 32 <= byteCount {
            let bits = source.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self)
            target.storeBytes(of: bits, toByteOffset: offset, as: SIMD8<UInt32>.self)
            offset += 32
        }
        while offset < byteCount {
            let bits = source.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            target.storeBytes(of: bits, toByteOffset: offset, as: UInt32.self)
            offset += 4
        }
    }

    // MARK: Four bits

    /// Elements of four bits are stored two to a byte, low half first, so rows may begin within a byte.
    private func copyNibbles(to target: UnsafeMutableRawBufferPointer) {
        let result = choices.sorted { $0.key < $1.key }.reduce(data) { Self.nibbles(of: $0, $1.value, axis: $1.key) }
        result.withUnsafeBytes { target.copyMemory(from: $0) }
    }

    private static func nibbles(of data: TensorData, _ indices: [Int], axis: Int) -> TensorData {
        let outer = data.shape.dimensions[..<axis].reduce(1, *)
        let inner = data.shape.dimensions[(axis + 1)...].reduce(1, *)
        let extent = data.shape[axis]
        var result = TensorData(zeros: TensorSelection(data, [axis: indices]).type)
        data.withUnsafeBytes { source in
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
