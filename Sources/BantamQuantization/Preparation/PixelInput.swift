public import BantamGraph
import BantamLayerwise
public import BantamModel

/// Lets a model take the pixels' bytes: the normalization of its input moves into the first convolutions.
///
/// ```
/// Given:  x: float32[N, C, ...], x = (v * scale - mean) / std for bytes v;       y = Conv(x, W, b)
/// Result: v: uint8[N, C, ...];  p = DequantizeLinear(v, 1, zero point z[C]);      y = Conv(p, a W, b + d)
/// ```
///
/// with `a = scale / std` for each input channel, and `z` the byte nearest to `mean / scale`, the one that stands for
/// 0. What is missing from `z` to the mean is the same everywhere and so part of the bias, in `d`. Only where a kernel
/// reaches beyond the image does it make a difference: padding is then `z` and not the mean, which is half a grey
/// level off at most. A rounded float32 input is off by as much at every pixel.
///
/// Nothing is rounded at the input any more: no `QuantizeLinear` runs, a byte is read instead of four, and the
/// application leaves out its own normalization.
///
/// Conditions: the model has one input, `[N, C, ...]`, which convolutions with constant weights of their own read.
public struct PixelInput: Hashable, Sendable {
    /// What 8-bit values are multiplied by first.
    public var scale: Double
    /// By channel, in units of the scaled values.
    public var mean: [Double]
    public var std: [Double]

    /// - Precondition: as many means as deviations.
    public init(scale: Double, mean: [Double], std: [Double]) {
        precondition(mean.count == std.count, "\(mean.count) means and \(std.count) deviations")
        self.scale = scale
        self.mean = mean
        self.std = std
    }

    /// - Throws: `invalidGraph`; `nothingToCompress`, saying what else the input is read by. `graph` is then unchanged.
    public func apply(to graph: inout Graph) throws(CompressionError) {
        let scope = try QuantizationScope(graph)
        guard graph.inputs.count == 1, let input = graph.inputs.first, input.dtype == .float32,
            input.dimensions.count > 2, input.dimensions[1].fixedSize == mean.count
        else { throw .noPixelInput("its inputs are not one of float32 [N, \(mean.count), ...]") }
        var layers: [(node: Node, layout: WeightLayout)] = []
        for id in graph.consumers(of: input.value) {
            let node = graph[id]
            guard node.operatorName == "Conv", let layout = WeightLayout(of: node, in: scope) else {
                throw .noPixelInput("\(node.label) reads it")
            }
            layers.append((node, layout))
        }
        guard !layers.isEmpty, !graph.isOutput(input.value) else { throw .noPixelInput("no convolution reads it") }
        let zeroPoints = mean.map { min(max(($0 / scale).rounded(), 0), 255) }
        let factors = std.map { scale / $0 }
        let rests = mean.indices.map { factors[$0] * (zeroPoints[$0] - mean[$0] / scale) }
        var changed = graph
        for (node, layout) in layers {
            changed.fold(factors: factors, rests: rests, into: node, layout)
        }
        let name = graph[input.value].name
        let scales = changed.addConstant("\(name).scale", TensorData([mean.count], mean.map { _ in Float(1) }))
        let points = changed.addConstant(
            "\(name).zero_point", TensorData([mean.count], zeroPoints.map { UInt8($0) }))
        changed.setInputDType(.uint8, ofInput: 0)
        let pixels = changed.addNode(
            "DequantizeLinear", name: "\(name).dequantize", inputs: [input.value, scales, points],
            outputNames: ["\(name).dequantized"], attributes: ["axis": .int(1)], origin: "PixelInput",
            before: changed.firstInOrder(layers.map(\.node.id)))[0]
        for (node, _) in layers { changed.replaceInput(input.value, of: node.id, with: pixels) }
        graph = changed
    }
}

extension Graph {
    /// Multiplies a convolution's weights by input channel, and adds to its bias what the channels lack.
    fileprivate mutating func fold(factors: [Double], rests: [Double], into node: Node, _ layout: WeightLayout) {
        guard let weight = constants[layout.weight] else { return }
        let numbers = weight.elements(of: Float.self)
        var shifts = [Double](repeating: 0, count: layout.outputCount)
        for place in 0..<layout.rows * layout.columns {
            let (row, column) = (place / layout.columns, place % layout.columns)
            let rest = rests[layout.input(row: row, column: column)]
            for index in place * layout.kernelSize..<(place + 1) * layout.kernelSize {
                shifts[layout.output(row: row, column: column)] += Double(numbers[index]) * rest
            }
        }
        let ones = [Float](repeating: 1, count: layout.outputCount)
        setConstant(
            layout.weight, to: layout.scaled(weight, outputs: ones, inputs: factors.map { Float(1 / $0) }))
        if let bias = layout.bias, let data = constants[bias] {
            let sums = zip(data.elements(of: Float.self), shifts).map { Float(Double($0) + $1) }
            setConstant(bias, to: TensorData(data.shape, sums))
        } else if shifts.contains(where: { $0 != 0 }) {
            let bias = TensorData([shifts.count], shifts.map { Float($0) })
            setInput(2, of: node.id, to: addConstant("\(self[layout.weight].name).bias", bias))
        }
    }
}
