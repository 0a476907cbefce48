extension Graph {
    /// Turns a model of float16, bfloat16 or float64 into one of float32: its inputs and outputs, weights and other
    /// constants, and the types that its nodes convert to.
    ///
    /// ```
    /// Given:  x: float16[N, 3, 32, 32];  y = Conv(x, W: float16[8, 3, 3, 3])
    /// Result: x: float32[N, 3, 32, 32];  y = Conv(x, W: float32[8, 3, 3, 3])
    /// ```
    ///
    /// Everything here trains, measures and compresses in float32. The numbers stay what they are, save float64's,
    /// which are rounded; intermediate results are no longer rounded to half precision. ``widenedTypes`` remembers
    /// what was widened.
    ///
    /// - Returns: What was widened; `nil` for a model in float32.
    /// - Throws: what shape inference throws; the graph is then unchanged.
    /// - Complexity: O(nodes + elements of the constants widened).
    @discardableResult
    public mutating func widenToFloat32() throws(GraphError) -> WidenedTypes? {
        guard holdsOtherFloats else { return nil }
        var record = WidenedTypes()
        let types = try ShapeInference(of: self)
        for (index, input) in inputs.enumerated() where input.dtype.widens {
            record.inputs[self[input.value].name] = input.dtype
            setInputDType(.float32, ofInput: index)
        }
        for output in outputs {
            if let dtype = types[output]?.dtype, dtype.widens { record.outputs[self[output].name] = dtype }
        }
        var elements: [DType: Int] = [:]
        for value in learnedConstants(constantUses()) {
            if let data = constants[value], data.dtype.widens { elements[data.dtype, default: 0] += data.elementCount }
        }
        record.weights = elements.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
        widenContents()
        if !record.isEmpty { widenedTypes = record }
        return record
    }

    private mutating func widenContents() {
        for (value, data) in constants where data.dtype.widens {
            if let widened = data.converted(to: .float32) { setConstant(value, to: widened) }
        }
        for node in nodes.values {
            for (name, attribute) in node.attributes where node.widens(name, attribute) {
                let widened: Attribute
                switch attribute {
                case .tensor(let data): widened = .tensor(data.converted(to: .float32) ?? data)
                case .graph(var body):
                    for index in body.inputs.indices where body.inputs[index].dtype.widens {
                        body.setInputDType(.float32, ofInput: index)
                    }
                    body.widenContents()
                    widened = .graph(body)
                default: widened = .int(DType.float32.onnxCode)
                }
                updateNode(node.id) { $0.attributes[name] = widened }
            }
        }
        // Said by what was here before.
        for (value, type) in values.compactMapValues(\.type) where type.dtype.widens && constants[value] == nil {
            setType(TensorType(.float32, type.shape), of: value)
        }
    }

    /// Stores a model that was widened as it was before: learned numbers in the type they had, with a `Cast` behind
    /// each, and inputs and outputs in theirs. What is computed in between stays float32.
    ///
    /// ```
    /// Given:  x: float32[N, 3, 32, 32];  y = Conv(x, W: float32[8, 3, 3, 3])
    /// Result: x: float16[N, 3, 32, 32];  a = Cast(x);  b = Cast(W: float16[8, 3, 3, 3]);  c = Conv(a, b);  y = Cast(c)
    /// ```
    ///
    /// - Returns: Whether there was something to store as before.
    /// - Complexity: O(nodes + elements of the weights).
    @discardableResult
    public mutating func narrowToStoredTypes() -> Bool {
        guard let record = widenedTypes else { return false }
        if let dtype = record.weights { narrowWeights(to: dtype) }
        for (index, input) in inputs.enumerated() {
            guard input.dtype == .float32, let dtype = record.inputs[self[input.value].name] else { continue }
            takeInput(index, as: dtype)
        }
        for output in outputs {
            if let dtype = record.outputs[self[output].name] { giveOutput(output, as: dtype) }
        }
        return true
    }

    /// Lets the model take and give float32 in place of other floating-point types. What it computes in between stays.
    ///
    /// ```
    /// Given:  x: float16[N, 3];  y = Gemm(x, ...)
    /// Result: x: float32[N, 3];  a = Cast(x) to=float16;  b = Gemm(a, ...);  y = Cast(b) to=float32
    /// ```
    ///
    /// - Returns: Whether anything had to be done.
    @discardableResult
    public mutating func widenInterface() -> Bool {
        let isWide = inputs.allSatisfy { !$0.dtype.widens }
        for (index, input) in inputs.enumerated() where input.dtype.widens { takeInput(index, as: .float32) }
        // Without types, which a model of unknown operators lacks, its outputs stay.
        guard let types = try? ShapeInference(of: self) else { return !isWide }
        let narrow = outputs.filter { types[$0]?.dtype.widens ?? false }
        for output in narrow { giveOutput(output, as: .float32) }
        return !isWide || !narrow.isEmpty
    }

    /// Lets the caller supply an input in another type, which is cast to the one that nodes read.
    private mutating func takeInput(_ index: Int, as dtype: DType) {
        let input = inputs[index]
        let cast = addNode(
            "Cast", name: "\(self[input.value].name).\(input.dtype.rawValue)", inputs: [input.value],
            attributes: ["to": .int(input.dtype.onnxCode)],
            before: nodes.values.first { $0.inputs.contains(input.value) }?.id)
        replaceReaders(of: input.value, with: cast[0])
        setInputDType(dtype, ofInput: index)
    }

    /// Lets the caller get an output in another type. Nodes go on reading it in its own.
    private mutating func giveOutput(_ output: ValueID, as dtype: DType) {
        let cast = addNode(
            "Cast", name: "\(self[output].name).\(dtype.rawValue)", inputs: [output],
            attributes: ["to": .int(dtype.onnxCode)])
        replaceUses(of: output, with: cast[0], except: Set(consumers(of: output)))
    }

    private mutating func narrowWeights(to dtype: DType) {
        for value in learnedConstants(constantUses()) + statistics {
            guard let data = constants[value], data.dtype == .float32, let narrowed = data.converted(to: dtype) else {
                continue
            }
            let reader = nodes.values.first { $0.inputs.contains(value) }?.id
            setConstant(value, to: narrowed)
            let cast = addNode(
                "Cast", name: "\(self[value].name).float32", inputs: [value],
                attributes: ["to": .int(DType.float32.onnxCode)], before: reader)
            replaceReaders(of: value, with: cast[0])
        }
    }

    /// Lets nodes other than the one that makes `new` read it in place of `old`. Outputs stay.
    private mutating func replaceReaders(of old: ValueID, with new: ValueID) {
        for id in consumers(of: old) where id != self[new].producer {
            for (slot, input) in self[id].inputs.enumerated() where input == old { setInput(slot, of: id, to: new) }
        }
    }
}

extension DType {
    /// Whether numbers of this type are computed in float32 here.
    fileprivate var widens: Bool { isFloatingPoint && self != .float32 }
}

extension Node {
    /// Whether an attribute names, or holds numbers of, a floating-point type other than float32.
    fileprivate func widens(_ name: String, _ attribute: Attribute) -> Bool {
        switch attribute {
        case .tensor(let data): data.dtype.widens
        // The element type of what the node makes, by ONNX's names for it.
        case .int(let code) where ["to", "dtype", "output_dtype"].contains(name) && domain.isEmpty:
            DType(onnxCode: code)?.widens ?? false
        case .graph(let body): body.holdsOtherFloats
        default: false
        }
    }
}

extension Graph {
    /// Whether something in the graph is of a floating-point type other than float32.
    fileprivate var holdsOtherFloats: Bool {
        inputs.contains { $0.dtype.widens } || constants.values.contains { $0.dtype.widens }
            || nodes.values.contains { node in node.attributes.contains { node.widens($0.key, $0.value) } }
    }
}
