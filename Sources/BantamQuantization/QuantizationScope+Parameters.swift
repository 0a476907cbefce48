import BantamGraph
import BantamLayerwise

extension QuantizationScope {
    /// What the integers of a value stand for that the model is given as integers: pixels behind a `DequantizeLinear`.
    /// The zero point, which may differ by channel, is left at 0.
    func givenParameters(of value: ValueID) -> QuantizationParameters? {
        guard let node = graph.producer(of: value), node.operatorName == "DequantizeLinear",
            let source = node.inputs[0], graph.inputs.contains(where: { $0.value == source }),
            types[source]?.dtype == .uint8, let scales = graph.constant(1, of: node)?.elements(of: Float.self),
            let scale = scales.first, scales.allSatisfy({ $0 == scale })
        else { return nil }
        return QuantizationParameters(scales: [scale], dtype: .uint8, limits: 0...255)
    }
}
