/// The places of all elements that are not zero, in row-major order: `[rank, count]`.
///
/// How many there are decides the output's shape, so the input must be known before the model runs, as are the masks
/// that exporters write into models.
struct NonZero: KnownResult {
    static let name = "NonZero"
    static let inputs: [InputSlot] = [.setting("X")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] {
        [[node.inputShape(0).rank, try places(of: node).count]]
    }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [.int64] }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        let shape = node.inputShape(0)
        let places = try places(of: node)
        let coordinates = zip(shape.strides, shape.dimensions).flatMap { stride, size in
            places.map { Int64($0 / stride % size) }
        }
        return [TensorData([shape.rank, places.count], coordinates)]
    }

    /// Row-major positions.
    private static func places(of node: NodeContext) throws(GraphError) -> [Int] {
        guard let data = node.constant(0) else { throw GraphError.dynamicSetting("X", of: node.node) }
        if let numbers = data.doubles() { return numbers.indices.filter { numbers[$0] != 0 } }
        let bytes = data.unpackingNibbles()
        let width = bytes.dtype.bitWidth / 8
        return bytes.withUnsafeBytes { bytes in
            (0..<data.elementCount).filter { element in
                (0..<width).contains { bytes[element * width + $0] != 0 }
            }
        }
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([.constant(TensorData([2, 3], [true, false, true, false, false, true]))]),
            OperatorExample([.constant(TensorData([4], [0, 2, -1, 0] as [Int64]))]),
            OperatorExample([.constant(TensorData([1, 2, 2], [0, 0.5, 0, 0] as [Float]))]),
        ]
    }
}
