package import BantamGraph

/// Where a layer's weight lists its output and input channels.
///
/// The weight is seen as a matrix of rows and columns, its first two axes, with a stretch of adjacent elements at each
/// place: the kernel of a convolution, a single number of a linear layer.
package struct WeightLayout: Hashable, Sendable {
    package enum Order: Hashable, Sendable {
        /// `[O, I / groups, ...]`: Conv, and Gemm with `transB`.
        case outputsFirst(groups: Int)
        /// `[I, O / groups, ...]`: ConvTranspose, Gemm and MatMul.
        case inputsFirst(groups: Int)
        /// `[C]`: the scale of a normalization, which reads no channel but its own.
        case diagonal
    }

    package var weight: ValueID
    package var bias: ValueID?
    /// The axis of input 0 whose channels the weight reads; `nil` for a normalization.
    package var inputAxis: Int?
    /// The axis of output 0 whose channels it makes.
    package var outputAxis: Int
    package var order: Order
    package var rows: Int
    package var columns: Int
    /// How many elements lie at one place.
    package var kernelSize: Int

    package var outputCount: Int {
        switch order {
        case .outputsFirst, .diagonal: rows
        case .inputsFirst(let groups): columns * groups
        }
    }

    package var inputCount: Int {
        switch order {
        case .outputsFirst(let groups): columns * groups
        case .inputsFirst: rows
        case .diagonal: 0
        }
    }

    /// The output channel that the elements at a place belong to.
    package func output(row: Int, column: Int) -> Int {
        switch order {
        case .outputsFirst, .diagonal: row
        case .inputsFirst(let groups): row / (rows / groups) * columns + column
        }
    }

    /// The input channel that the elements at a place are multiplied by; 0 for a normalization.
    package func input(row: Int, column: Int) -> Int {
        switch order {
        case .outputsFirst(let groups): row / (rows / groups) * columns + column
        case .inputsFirst: row
        case .diagonal: 0
        }
    }
}

extension WeightLayout {
    /// The layers that have a slot for a bias.
    package static let operatorsWithBias: Set<String> = ["Conv", "ConvTranspose", "Gemm"]

    /// - Returns: `nil` for a node that is no layer, or whose weights are not its own float32 constants.
    package init?(of node: Node, in scope: QuantizationScope) {
        guard node.domain.isEmpty, node.inputs.count > 1, let weight = node.inputs[1],
            let shape = scope.graph.constants[weight]?.shape, scope.isOwnFloat(weight), let output = node.mainOutput,
            let outputRank = scope.types[output]?.shape.rank, let input = node.inputs[0], !scope.isConstant(input)
        else { return nil }
        let context = scope.context(of: node)
        let groups = context.int("group", default: 1)
        self.weight = weight
        bias = nil
        inputAxis = 1
        outputAxis = 1
        switch node.operatorName {
        case "Conv" where shape.rank > 2: order = .outputsFirst(groups: groups)
        case "ConvTranspose" where shape.rank > 2: order = .inputsFirst(groups: groups)
        case "Gemm" where shape.rank == 2 && context.int("transA", default: 0) == 0:
            order = context.int("transB", default: 0) == 1 ? .outputsFirst(groups: 1) : .inputsFirst(groups: 1)
        case "MatMul" where shape.rank == 2 && outputRank > 1:
            order = .inputsFirst(groups: 1)
            inputAxis = outputRank - 1
            outputAxis = outputRank - 1
        case let name where node.isNormalization && shape.rank == 1:
            order = .diagonal
            inputAxis = nil
            outputAxis = name == "LayerNormalization" ? outputRank - 1 : 1
        default: return nil
        }
        rows = shape[0]
        columns = order == .diagonal ? 1 : shape[1]
        kernelSize = order == .diagonal ? 1 : shape.dimensions.dropFirst(2).reduce(1, *)
        guard scope.types[output]?.shape[outputAxis] == outputCount else { return nil }
        guard node.inputs.count > 2, let bias = node.inputs[2] else { return }
        guard scope.isOwnFloat(bias), scope.graph.constants[bias]?.shape.dimensions.last == outputCount,
            scope.graph.constants[bias]?.elementCount == outputCount
        else { return nil }
        self.bias = bias
    }

    /// The largest magnitude at each place, row by row.
    package func magnitudes(in data: TensorData) -> [Float] {
        data.withFloats { values in
            (0..<rows * columns).map { place in
                var largest: Float = 0
                for index in place * kernelSize..<(place + 1) * kernelSize {
                    largest = max(largest, abs(values[index]))
                }
                return largest
            }
        }
    }

    /// The weight with the elements of each output channel multiplied by its factor, and those of each input channel
    /// divided by its.
    package func scaled(_ data: TensorData, outputs: [Float], inputs: [Float]) -> TensorData {
        var elements = data.elements(of: Float.self)
        for row in 0..<rows {
            for column in 0..<columns {
                let input = inputs.isEmpty ? 1 : Double(inputs[self.input(row: row, column: column)])
                let factor = Double(outputs[output(row: row, column: column)]) / input
                let start = (row * columns + column) * kernelSize
                for index in start..<start + kernelSize { elements[index] = Float(Double(elements[index]) * factor) }
            }
        }
        return TensorData(data.shape, elements)
    }
}

extension QuantizationScope {
    /// Whether a constant is float32 and one input slot of one node alone reads it.
    package func isOwnFloat(_ value: ValueID) -> Bool {
        graph.constants[value]?.dtype == .float32 && readers(of: value).count == 1 && !graph.isOutput(value)
    }
}
