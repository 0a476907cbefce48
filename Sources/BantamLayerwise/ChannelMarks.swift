package import BantamGraph

/// Which of a model's output channels its layers still have after channels were removed.
///
/// A copy of the model is pruned as the model is, in which each number of a layer's weight is that of its output channel.
package struct ChannelMarks {
    private var marked: Graph

    package init(_ original: Graph) throws {
        let scope = try QuantizationScope(original)
        marked = original
        for node in original.nodes.values {
            guard let layout = WeightLayout(of: node, in: scope) else { continue }
            marked.setConstant(layout.weight, to: layout.outputNumbers(like: original.constants[layout.weight]))
        }
    }

    /// Removes what was removed from the model.
    ///
    /// - Parameter removal: What was done to the model.
    package mutating func apply(_ removal: (inout Graph) throws -> Void) rethrows {
        try removal(&marked)
    }

    /// - Parameter layout: Of a layer as it is after the pruning.
    /// - Returns: For each output channel that it has, which it was; `nil` for a layer that is not in the original.
    package func outputs(of layout: WeightLayout) -> [Int]? {
        guard let marks = marked.constants[layout.weight],
            marks.elementCount == layout.rows * layout.columns * layout.kernelSize
        else { return nil }
        return layout.outputs(in: marks)
    }
}

extension WeightLayout {
    /// A constant of the weight's shape in which each number is that of its output channel.
    fileprivate func outputNumbers(like weight: TensorData?) -> TensorData {
        var numbers: [Float] = []
        for row in 0..<rows {
            for column in 0..<columns {
                numbers += [Float](repeating: Float(output(row: row, column: column)), count: kernelSize)
            }
        }
        return TensorData(weight?.shape ?? [], numbers)
    }

    /// The number that ``outputNumbers(like:)`` gave each output channel that is left.
    fileprivate func outputs(in marks: TensorData) -> [Int] {
        var outputs = [Int](repeating: 0, count: outputCount)
        marks.withFloats { numbers in
            for row in 0..<rows {
                for column in 0..<columns {
                    outputs[output(row: row, column: column)] = Int(numbers[(row * columns + column) * kernelSize])
                }
            }
        }
        return outputs
    }
}
