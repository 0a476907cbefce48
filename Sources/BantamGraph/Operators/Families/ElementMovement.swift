// Moving the elements of small constants, whatever their type: what `evaluate` needs of the operators that only
// select and arrange. Plain and slow.

extension TensorData {
    /// The tensor of `shape` whose elements, in row-major order, are those at `positions` of this one.
    ///
    /// - Precondition: no element is narrower than a byte.
    func selecting(_ positions: [Int], shape: Shape) -> TensorData {
        precondition(dtype.bitWidth >= 8, "elements of \(dtype) share bytes")
        precondition(positions.count == shape.elementCount, "\(positions.count) elements do not fill \(shape)")
        let width = dtype.bitWidth / 8
        var result = TensorData(zeros: TensorType(dtype, shape))
        withUnsafeBytes { source in
            result.withUnsafeMutableBytes { target in
                for (index, position) in positions.enumerated() {
                    for byte in 0..<width { target[index * width + byte] = source[position * width + byte] }
                }
            }
        }
        return result
    }

    /// Repeats the elements as ONNX's broadcasting rule says.
    ///
    /// - Precondition: this tensor's shape broadcasts to `shape`.
    func expanded(to shape: Shape) -> TensorData {
        guard shape != self.shape else { return self }
        let added = shape.rank - self.shape.rank
        let own = self.shape.strides
        let strides = shape.dimensions.indices.map { axis in
            axis < added || self.shape[axis - added] == 1 ? 0 : own[axis - added]
        }
        return selecting(shape.positions(strides: strides), shape: shape)
    }

    /// Axis `i` of the result is axis `order[i]` of this tensor.
    func permuted(by order: [Int]) -> TensorData {
        let strides = shape.strides
        let shape = Shape(order.map { self.shape[$0] })
        return selecting(shape.positions(strides: order.map { strides[$0] }), shape: shape)
    }

    /// The elements of several tensors of one type, one after the other.
    static func joined(_ parts: [TensorData], dtype: DType) -> TensorData {
        let count = parts.reduce(0) { $0 + $1.elementCount }
        var result = TensorData(zeros: TensorType(dtype, [count]))
        result.withUnsafeMutableBytes { target in
            var start = 0
            for part in parts {
                part.withUnsafeBytes { source in
                    UnsafeMutableRawBufferPointer(rebasing: target[start...].prefix(source.count))
                        .copyMemory(from: source)
                    start += source.count
                }
            }
        }
        return result
    }
}

extension Shape {
    /// Where the elements of a strided view of this shape stand, in row-major order of the view.
    func positions(strides: [Int], offset: Int = 0) -> [Int] {
        zip(dimensions, strides).reduce([offset]) { positions, axis in
            positions.flatMap { start in (0..<axis.0).map { start + $0 * axis.1 } }
        }
    }
}

extension NodeContext {
    /// The input if it is known and its elements can be moved one by one.
    func movableConstant(_ slot: Int) -> TensorData? {
        constant(slot).flatMap { $0.dtype.bitWidth >= 8 ? $0 : nil }
    }
}
