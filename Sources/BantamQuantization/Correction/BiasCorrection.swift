import BantamGraph
import BantamLayerwise
import BantamModel

/// Takes out of a layer's bias the mean error that rounding its weight makes.
///
/// A layer with the weight `W`, rounded to `Q`, is off by `(Q - W) x`. On average over samples and positions that is
/// `(Q - W) E[x]` for each output channel, with the kernel's elements summed and the mean of each input channel: numbers
/// that fall off when the ranges are measured. Zeros that padding adds at the borders are not taken into account.
///
/// Each layer is corrected by the inputs of the float model. To use those of the quantized model, with all layers before
/// corrected, is a little better and takes runs of both models (decision 0017): ``LayerRounding`` does so, which runs
/// them anyway.
///
/// - Reference: Nagel et al., *Data-Free Quantization Through Weight Equalization and Bias Correction*, ICCV 2019,
///   section 4.2.
public enum BiasCorrection {
    /// What was done to one layer.
    public struct Record: Hashable, Sendable, Codable {
        public var node: String
        /// The root mean square of what was added to the bias, over the channels.
        public var shift: Double

        /// - Parameter shifts: One for each channel.
        init(node: String, shifts: [Double]) {
            self.node = node
            let square = shifts.reduce(0) { $0 + $1 * $1 } / Double(max(shifts.count, 1))
            shift = square.squareRoot()
        }
    }

    /// Gives each layer a bias to correct. To be run before the plan is made.
    static func addMissingBiases(to graph: inout Graph) {
        for node in graph.nodes.values where WeightLayout.operatorsWithBias.contains(node.operatorName) {
            guard node.domain.isEmpty, node.inputs.count < 3 || node.inputs[2] == nil, let output = node.mainOutput,
                node.inputs.count > 1, let weight = node.inputs[1].flatMap({ graph.constants[$0] }),
                weight.dtype == .float32, let count = outputCount(of: node, weight: weight.shape)
            else { continue }
            let bias = TensorData([count], [Float](repeating: 0, count: count))
            graph.setInput(2, of: node.id, to: graph.addConstant("\(graph[output].name).bias", bias))
        }
    }

    private static func outputCount(of node: Node, weight: Shape) -> Int? {
        switch node.operatorName {
        case "Conv": weight[0]
        case "ConvTranspose": weight[1] * node.int("group", default: 1)
        case "Gemm": node.int("transB", default: 0) == 1 ? weight[0] : weight[1]
        default: nil
        }
    }

    /// The activations of which ``apply(to:plan:channelMeans:)`` needs the mean of each channel.
    static func statistics(for graph: Graph) throws(CompressionError) -> [ValueID] {
        let scope = try QuantizationScope(graph)
        var values: [ValueID] = []
        for (node, layout) in layouts(in: scope) {
            guard let input = node.inputs[0], layout.bias != nil, scope.types[input]?.dtype == .float32,
                !values.contains(input)
            else { continue }
            values.append(input)
        }
        return values
    }

    /// Corrects the layers whose weights are rounded.
    ///
    /// - Parameters:
    ///   - graph: The graph whose weights will be rounded to the nearest. Only biases change.
    ///   - original: The graph with its weights as they were, where some have been rounded already.
    ///   - storage: How weights are stored that the plan leaves in floating point.
    ///   - channelMeans: The mean of each channel, by the activations' names; layers without stay as they are.
    /// - Returns: What was done, layer by layer.
    static func apply(
        to graph: inout Graph, of original: Graph? = nil, plan: StaticQuantizationPlan, storage: WeightOnlyPlan? = nil,
        channelMeans: [String: [Float]]
    ) throws(CompressionError) -> [Record] {
        let scope = try QuantizationScope(graph)
        let parameters = plan.weightParameters
        let biased = Set(plan.biases.map(\.nodeOutput))
        let stored = Dictionary(
            (storage?.weights ?? []).map { ($0.value, $0) }, uniquingKeysWith: { first, _ in first })
        var records: [Record] = []
        for (node, layout) in layouts(in: scope) {
            guard let output = node.mainOutput, let input = node.inputs[0],
                let means = channelMeans[graph[input].name], means.count == layout.inputCount,
                let bias = layout.bias, let biases = graph.constants[bias],
                let weight = graph.constants[layout.weight]
            else { continue }
            let name = graph[layout.weight].name
            let rounded: TensorData
            if let form = stored[name], let numbers = try form.numbers(of: weight) {
                rounded = numbers
            } else if let parameters = parameters[name], biased.contains(graph[output].name) {
                rounded = parameters.dequantize(parameters.quantize(weight))
            } else {
                continue
            }
            let share = shareOfKernel(node)
            let exact = original?.constants[layout.weight] ?? weight
            let errors = layout.meanProducts(of: rounded, less: exact, inputMeans: means).map { $0 * share }
            let numbers = zip(biases.elements(of: Float.self), errors).map { Float(Double($0) - $1) }
            graph.setConstant(bias, to: TensorData(biases.shape, numbers))
            records.append(Record(node: node.label, shifts: errors))
        }
        return records
    }

    private static func layouts(in scope: QuantizationScope) -> [(node: Node, layout: WeightLayout)] {
        scope.graph.nodes.values.compactMap { node in
            guard WeightLayout.operatorsWithBias.contains(node.operatorName), SingleLayer.isUnscaled(node) else {
                return nil
            }
            return WeightLayout(of: node, in: scope).map { (node, $0) }
        }
    }

    /// How many of the kernel's elements meet in an output, of all: fewer where a transposed convolution has steps.
    private static func shareOfKernel(_ node: Node) -> Double {
        guard node.operatorName == "ConvTranspose", case .ints(let strides)? = node.attributes["strides"] else {
            return 1
        }
        return 1 / Double(max(strides.reduce(1, *), 1))
    }
}

extension WeightLayout {
    /// What a layer makes of the difference of two weights, for an input that is everywhere the mean of its channel.
    ///
    /// - Returns: One number for each output channel.
    fileprivate func meanProducts(of weight: TensorData, less other: TensorData, inputMeans: [Float]) -> [Double] {
        var sums = [Double](repeating: 0, count: outputCount)
        weight.withFloats { left in
            other.withFloats { right in
                for row in 0..<rows {
                    for column in 0..<columns {
                        let start = (row * columns + column) * kernelSize
                        var difference = 0.0
                        for index in start..<start + kernelSize { difference += Double(left[index] - right[index]) }
                        let mean = Double(inputMeans[input(row: row, column: column)])
                        sums[output(row: row, column: column)] += difference * mean
                    }
                }
            }
        }
        return sums
    }
}
