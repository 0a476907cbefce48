/// ONNX's `Range`: the numbers from `start` in steps of `delta`, up to but without `limit`.
struct RangeOperator: KnownResult {
    static let name = "Range"
    static let inputs: [InputSlot] = [.setting("start"), .setting("limit"), .setting("delta")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [[try numbers(of: node).elementCount]] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try sharedDType(of: node, slots: 0..<3)]
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? { [try numbers(of: node)] }

    static var examples: [OperatorExample] {
        [
            OperatorExample([0, 10, 3].map { .constant(TensorData(scalar: Int64($0))) }),
            OperatorExample([1, -1, -0.5].map { .constant(TensorData(scalar: Float($0))) }),
        ]
    }

    /// Positions and coordinates are counted in thousands; more is a mistake in the model.
    private static let limit = 1 << 24

    private static func numbers(of node: NodeContext) throws(GraphError) -> TensorData {
        switch node.inputDType(0) {
        case .float32:
            let (start, limit, delta) = try bounds(of: node, as: Float.self)
            let count = try checkedCount(Double(limit) - Double(start), by: Double(delta), of: node)
            return TensorData([count], (0..<count).map { start + Float($0) * delta })
        case .int64:
            let (start, limit, delta) = try bounds(of: node, as: Int64.self)
            let count = try checkedCount(Double(limit) - Double(start), by: Double(delta), of: node)
            return TensorData([count], (0..<count).map { start &+ Int64($0) &* delta })
        case .int32:
            let (start, limit, delta) = try bounds(of: node, as: Int32.self)
            let count = try checkedCount(Double(limit) - Double(start), by: Double(delta), of: node)
            return TensorData([count], (0..<count).map { start &+ Int32($0) &* delta })
        case let dtype: throw node.unsupported("a range of \(dtype.rawValue)")
        }
    }

    private static func bounds<Element: TensorElement>(
        of node: NodeContext, as _: Element.Type
    ) throws(GraphError) -> (start: Element, limit: Element, delta: Element) {
        func scalar(_ slot: Int) throws(GraphError) -> Element {
            guard let data = node.constant(slot) else { throw .dynamicSetting(inputs[slot].name, of: node.node) }
            guard data.dtype == Element.dtype, data.elementCount == 1 else {
                throw node.mismatch("\(inputs[slot].name) is \(data.type), not one \(Element.dtype.rawValue)")
            }
            return data.elements(of: Element.self)[0]
        }
        return (try scalar(0), try scalar(1), try scalar(2))
    }

    private static func checkedCount(
        _ distance: Double, by delta: Double, of node: NodeContext
    ) throws(GraphError) -> Int {
        let count = (distance / delta).rounded(.up)
        guard count <= Double(limit) else {
            throw node.mismatch("a range of length \(distance) in steps of \(delta) has more than \(limit) numbers")
        }
        return count > 0 ? Int(count) : 0
    }
}
