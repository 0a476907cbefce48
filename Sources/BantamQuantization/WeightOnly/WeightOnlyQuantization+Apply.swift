public import BantamGraph
public import BantamModel

extension WeightOnlyQuantization {
    /// Carries out a plan. Weights keep their names.
    ///
    /// - Throws: `planMismatch` when the plan was made for another graph; `notFinite`. `graph` is then unchanged.
    public static func apply(_ plan: WeightOnlyPlan, to graph: inout Graph) throws(CompressionError) {
        var changed = graph
        for weight in plan.weights { try changed.store(weight) }
        #if DEBUG
            changed.checkInvariants()
        #endif
        graph = changed
    }
}

extension Graph {
    fileprivate mutating func store(_ weight: WeightOnlyPlan.Weight) throws(CompressionError) {
        guard let value = value(named: weight.value), let data = constants[value], data.dtype == .float32 else {
            throw .planMismatch("the weight \(weight.value)")
        }
        let readers = consumers(of: value)
        guard let first = firstInOrder(readers) else { throw .planMismatch("the weight \(weight.value)") }
        let numbers: ValueID
        if weight.dtype.isFloatingPoint {
            guard let narrow = data.converted(to: weight.dtype) else {
                throw .planMismatch("the weight \(weight.value)")
            }
            numbers = storeFloats(narrow, of: value, before: first)
        } else {
            guard let groups = weight.groups(of: data) else { throw .planMismatch("the weight \(weight.value)") }
            let rounded = try RoundedWeight(data, in: groups, as: weight.dtype, name: weight.value)
            numbers = storeIntegers(rounded, of: value, data, before: first)
        }
        setType(data.type, of: numbers)
        for reader in readers { replaceInput(value, of: reader, with: numbers) }
    }

    /// `Cast(W16)`.
    private mutating func storeFloats(_ narrow: TensorData, of value: ValueID, before first: NodeID) -> ValueID {
        let name = self[value].name
        setConstant(value, to: narrow)
        return addNode(
            "Cast", name: "\(name).widen", inputs: [value], outputNames: ["\(name).widened"],
            attributes: ["to": .int(DType.float32.onnxCode)], origin: "WeightOnlyQuantization", before: first)[0]
    }

    /// `DequantizeLinear(W, scales, zero points)`, and a `Reshape` where the file holds a matrix.
    private mutating func storeIntegers(
        _ rounded: RoundedWeight, of value: ValueID, _ data: TensorData, before first: NodeID
    ) -> ValueID {
        let name = self[value].name
        setConstant(value, to: rounded.integers(of: data))
        let groups = rounded.groups
        let numbers = addDequantization(
            of: value, scale: rounded.scaleData, zeroPoint: rounded.zeroPointData, attributes: groups.attributes,
            origin: "WeightOnlyQuantization", before: first)
        guard groups.storedShape != data.shape else { return numbers }
        let shape = addConstant(
            "\(name).shape", TensorData([data.shape.rank], data.shape.dimensions.map { Int64($0) }))
        return addNode(
            "Reshape", name: "\(name).reshape", inputs: [numbers, shape], outputNames: ["\(name).reshaped"],
            origin: "WeightOnlyQuantization", before: first)[0]
    }
}
