import BantamGraph
import BantamModel
import OrderedCollections

extension Graph {
    /// Stores a weight as integers for all that read it.
    mutating func store(_ weight: QuantizedWeight, origin: String) throws(CompressionError) {
        guard let value = value(named: weight.value), let data = constants[value], weight.parameters.fits(data) else {
            throw .planMismatch("the weight \(weight.value)")
        }
        let readers = consumers(of: value)
        setConstant(value, to: weight.parameters.quantize(data))
        guard let numbers = addDequantization(of: value, weight.parameters, origin: origin, before: readers) else {
            return
        }
        for reader in readers { replaceInput(value, of: reader, with: numbers) }
    }

    /// Adds a node that turns a constant of integers into numbers.
    ///
    /// The zero point is left out: it is 0, as ONNX assumes then.
    mutating func addDequantization(
        of constant: ValueID, _ parameters: QuantizationParameters, origin: String, before readers: [NodeID]
    ) -> ValueID? {
        guard let first = firstInOrder(readers) else { return nil }
        return addDequantization(
            of: constant, scale: parameters.scaleData, attributes: parameters.axis.map { ["axis": .int($0)] } ?? [:],
            origin: origin, before: first)
    }

    /// The same, with scales of any shape that the attributes tell of.
    mutating func addDequantization(
        of constant: ValueID, scale: TensorData, zeroPoint: TensorData? = nil,
        attributes: OrderedDictionary<String, Attribute>, origin: String, before first: NodeID
    ) -> ValueID {
        let name = self[constant].name
        var inputs: [ValueID?] = [constant, addConstant("\(name).scale", scale)]
        if let zeroPoint { inputs.append(addConstant("\(name).zero_point", zeroPoint)) }
        let numbers = addNode(
            "DequantizeLinear", name: "\(name).dequantize", inputs: inputs, outputNames: ["\(name).dequantized"],
            attributes: attributes, origin: origin, before: first)[0]
        setType(constants[constant].map { TensorType(.float32, $0.shape) }, of: numbers)
        return numbers
    }

    mutating func replaceInput(_ old: ValueID, of node: NodeID, with new: ValueID) {
        for (slot, input) in self[node].inputs.enumerated() where input == old { setInput(slot, of: node, to: new) }
    }
}

extension QuantizationParameters {
    /// Whether `data` is float32 and has one index for each scale.
    func fits(_ data: TensorData) -> Bool {
        guard data.dtype == .float32 else { return false }
        guard let axis else { return true }
        return axis < data.shape.rank && data.shape[axis] == scales.count
    }
}
