extension Graph {
    /// How many numbers a constant stands for that are not zero.
    ///
    /// Integers behind a `DequantizeLinear` with a zero point stand for zero where they are equal to it.
    func nonzeroCount(of value: ValueID) -> Int {
        guard let data = constants[value] else { return 0 }
        guard let zeros = storedZeros(of: value) else { return data.nonzeroCount }
        return zeros.mask(of: data).count { $0 }
    }

    /// Which numbers of a constant are not zero; `nil` for types that weights are not kept in.
    func nonzeroMask(of value: ValueID) -> [Bool]? {
        guard let data = constants[value] else { return nil }
        return storedZeros(of: value)?.mask(of: data) ?? data.nonzeroMask
    }

    private func storedZeros(of value: ValueID) -> StoredZeros? {
        guard let data = constants[value], data.dtype.bitWidth <= 8, data.dtype.quantizedRange != nil else {
            return nil
        }
        for reader in consumers(of: value) {
            let node = self[reader]
            guard node.operatorName == "DequantizeLinear", node.inputs.count > 2, node.inputs[0] == value,
                let slot = node.inputs[2], let zeroPoints = constants[slot]
            else { continue }
            return StoredZeros(of: node, data: data, zeroPoints: zeroPoints)
        }
        return nil
    }
}

/// The integers that stand for zero: one for the tensor, for each index along an axis, or for each block along it.
private struct StoredZeros {
    private let zeroPoints: [UInt8]
    private let length: Int
    private let inner: Int
    private let blockSize: Int
    private let isBlocked: Bool

    /// `nil` for parameters that do not fit the data: a model to be refused elsewhere.
    init?(of node: Node, data: TensorData, zeroPoints: TensorData) {
        guard zeroPoints.dtype == data.dtype else { return nil }
        self.zeroPoints = zeroPoints.unpackingNibbles().withUnsafeBytes { Array($0) }
        var axis = node.int("axis", default: 1)
        if axis < 0 { axis += data.shape.rank }
        let size = node.int("block_size", default: 0)
        (blockSize, isBlocked) = (max(size, 1), size > 0)
        guard self.zeroPoints.count != 1 else {
            (length, inner) = (1, 1)
            return
        }
        guard data.shape.dimensions.indices.contains(axis) else { return nil }
        length = data.shape[axis]
        inner = data.shape.dimensions[(axis + 1)...].reduce(1, *)
        let blocks = (length + blockSize - 1) / blockSize
        let needed = isBlocked ? data.elementCount / max(length, 1) * blocks : length
        guard self.zeroPoints.count == needed else { return nil }
    }

    func mask(of data: TensorData) -> [Bool] {
        let integers = data.unpackingNibbles().withUnsafeBytes { Array($0) }
        guard zeroPoints.count > 1 else { return integers.map { $0 != zeroPoints.first } }
        let blocks = (length + blockSize - 1) / blockSize
        return integers.enumerated().map { index, integer in
            let position = index / inner % length
            guard isBlocked else { return integer != zeroPoints[position] }
            return integer
                != zeroPoints[(index / (inner * length) * blocks + position / blockSize) * inner + index % inner]
        }
    }
}
