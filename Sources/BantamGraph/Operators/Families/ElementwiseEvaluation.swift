/// Elementwise arithmetic on small constants, for the arithmetic on shapes that exporters write into models.
///
/// It is plain and slow, and covers int64 and float32. A function returns `nil`, which leaves the node to run with
/// the model, when an operand is not known beforehand, has another element type, or leads to a result that integers
/// do not have (an overflow, a division by zero).
enum ElementwiseEvaluation {
    /// `integers` is `nil` for operators that ONNX defines for floating-point numbers alone.
    static func unary(
        _ node: NodeContext, integers: ((Int64) -> Int64?)? = nil, floats: (Float) -> Float
    ) -> [TensorData]? {
        guard let operand = node.constant(0) else { return nil }
        switch operand.dtype {
        case .int64:
            guard let integers, let results = complete(operand.elements().map(integers)) else { return nil }
            return [TensorData(operand.shape, results)]
        case .float32: return [TensorData(operand.shape, operand.elements().map(floats))]
        default: return nil
        }
    }

    /// Joins all inputs, from the first to the last.
    static func joining(
        _ node: NodeContext, integers: (Int64, Int64) -> Int64?, floats: (Float, Float) -> Float
    ) throws(GraphError) -> [TensorData]? {
        let operands = node.constants.compactMap(\.self)
        guard operands.count == node.inputCount, let first = operands.first else { return nil }
        let shape = try node.broadcastShape(of: 0..<node.inputCount)
        switch first.dtype {
        case .int64:
            var result: [Int64] = expand(first, to: shape)
            for operand in operands.dropFirst() {
                guard let joined = complete(zip(result, expand(operand, to: shape)).map(integers)) else { return nil }
                result = joined
            }
            return [TensorData(shape, result)]
        case .float32:
            let result = operands.dropFirst().reduce(expand(first, to: shape)) { (left: [Float], operand) in
                zip(left, expand(operand, to: shape)).map(floats)
            }
            return [TensorData(shape, result)]
        default: return nil
        }
    }

    static func compare(
        _ node: NodeContext, integers: (Int64, Int64) -> Bool, floats: (Float, Float) -> Bool
    ) throws(GraphError) -> [TensorData]? {
        guard let left = node.constant(0), let right = node.constant(1) else { return nil }
        let shape = try node.broadcastShape(of: 0..<2)
        switch left.dtype {
        case .int64:
            return [TensorData(shape, zip(expand(left, to: shape), expand(right, to: shape)).map(integers))]
        case .float32:
            return [TensorData(shape, zip(expand(left, to: shape), expand(right, to: shape)).map(floats))]
        default: return nil
        }
    }

    /// Joins the elements along `axes`.
    static func reduce(
        _ node: NodeContext, axes: [Int], into shape: Shape, integers: (Int64, Int64) -> Int64?,
        floats: (Float, Float) -> Float
    ) -> [TensorData]? {
        guard let operand = node.constant(0) else { return nil }
        let kept = operand.shape.dimensions.indices.filter { !axes.contains($0) }
        // One row for each element of the result, each holding what is joined into it.
        let rows = operand.permuted(by: kept + axes)
        guard shape.elementCount > 0, operand.elementCount > 0 else { return nil }
        let width = operand.elementCount / shape.elementCount
        switch operand.dtype {
        case .int64:
            let results = chunks(of: rows.elements(of: Int64.self), width: width).map { row in
                row.dropFirst().reduce(row.first) { left, right in left.flatMap { integers($0, right) } }
            }
            return complete(results).map { [TensorData(shape, $0)] }
        case .float32:
            let results = chunks(of: rows.elements(of: Float.self), width: width).map { row in
                row.dropFirst().reduce(row[row.startIndex], floats)
            }
            return [TensorData(shape, results)]
        default: return nil
        }
    }

    /// The result of an integer operation, if it fits.
    static func exact(_ result: (partialValue: Int64, overflow: Bool)) -> Int64? {
        result.overflow ? nil : result.partialValue
    }

    private static func expand<Element: TensorElement>(_ data: TensorData, to shape: Shape) -> [Element] {
        data.expanded(to: shape).elements()
    }

    private static func complete(_ results: [Int64?]) -> [Int64]? {
        let present = results.compactMap(\.self)
        return present.count == results.count ? present : nil
    }

    private static func chunks<Element>(of elements: [Element], width: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: elements.count, by: width).map { elements[$0..<$0 + width] }
    }
}
