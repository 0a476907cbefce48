import OrderedCollections

/// What a constant is for, seen from the node that computes with it.
public struct ConstantUse: Hashable, Sendable {
    public var role: InputSlot.Role
    /// The first node that uses it in this role.
    public var reader: NodeID
    /// The slot of `reader` that the constant fills, directly or through nodes that only unpack it.
    public var slot: Int
}

extension Graph {
    /// What each constant is for. A constant with several readers counts in its strongest role: a weight that is
    /// also an operand is a weight.
    ///
    /// Constants that no node of a known operator reads have no entry.
    ///
    /// - Complexity: O(edges).
    public func constantUses() -> [ValueID: ConstantUse] {
        var stored = Set(constants.keys)
        for node in nodes.values where node.unpacksWeights {
            if let input = node.inputs.first ?? nil, stored.contains(input), let output = node.outputs.first ?? nil {
                stored.insert(output)
            }
        }
        // Readers come before what they read, so that a use travels back through unpacking nodes, and the first
        // reader in the graph's order has the last word.
        var uses: [ValueID: ConstantUse] = [:]
        for node in nodes.values.reversed() {
            guard let definition = Operators.definition(named: node.operatorName, domain: node.domain) else { continue }
            let unpacked = (node.outputs.first ?? nil).flatMap { stored.contains($0) ? $0 : nil }
            for (position, input) in node.inputs.enumerated() {
                guard let input, stored.contains(input), let slot = definition.slot(at: position) else { continue }
                let isUnpacked = position == 0 && unpacked != nil
                let use =
                    isUnpacked
                    ? unpacked.flatMap { uses[$0] }
                    : ConstantUse(role: slot.role, reader: node.id, slot: position)
                guard let use else { continue }
                if let present = uses[input], present.role.strength > use.role.strength { continue }
                uses[input] = use
            }
        }
        return uses.filter { constants[$0.key] != nil }
    }

    /// The constants that training changes: floating-point weights and biases, and learned operands such as the
    /// position embedding that an `Add` reads. A single number is taken for part of a formula, not for learned, unless
    /// ``learnedScalars`` has its name; so are the numbers that normalize an input before any layer.
    ///
    /// In the order of ``constants``.
    public var parameters: [ValueID] {
        learnedConstants(constantUses()).filter { constants[$0]?.dtype.isFloatingPoint == true }
    }

    /// The names of single numbers that are learned, such as the factor of a ReZero block; nothing else tells them from
    /// the numbers of a formula. They travel with the model, in its ``metadata``.
    public var learnedScalars: [String] {
        get { metadata[Self.learnedScalarsKey].map { $0.split(separator: "\n").map(String.init) } ?? [] }
        set { metadata[Self.learnedScalarsKey] = newValue.isEmpty ? nil : newValue.joined(separator: "\n") }
    }

    private static let learnedScalarsKey = "bantam.learned_scalars"

    /// Numbers that training keeps without learning them by gradients, such as BatchNorm's running mean.
    public var statistics: [ValueID] {
        let uses = constantUses()
        return constants.keys.filter { uses[$0]?.role == .statistic }
    }

    /// The constants that hold learned numbers in whatever type they are stored: ``parameters``, and weights that
    /// have been quantized to integers.
    func learnedConstants(_ uses: [ValueID: ConstantUse]) -> [ValueID] {
        let scalars = Set(learnedScalars)
        let normalization = uses.values.contains { $0.role == .weight } ? inputNormalization : []
        return constants.filter { value, data in
            switch uses[value]?.role {
            case .weight, .bias: true
            case .operand:
                scalars.contains(self[value].name)
                    || data.elementCount > 1 && data.dtype.holdsLearnedNumbers && !isWeightScale(uses[value])
                        && !isMask(data, uses[value]) && !normalization.contains(value)
            default: false
            }
        }.map(\.key)
    }

    /// The constants by which an input is normalized, one number for each channel, as in `(Cast(pixels) - mean) /
    /// deviation`. They are facts about the data, and a step of training may be many times as large as a factor of `1 /
    /// 255`. What differs from place to place is a learned embedding.
    private var inputNormalization: Set<ValueID> {
        var prepared = Set(inputs.map(\.value))
        var normalization: Set<ValueID> = []
        for node in nodes.values where node.domain.isEmpty && Self.preparingOperators.contains(node.operatorName) {
            let read = node.inputs.compactMap(\.self)
            let own = read.filter { constants[$0] != nil }
            guard own.count < read.count, read.allSatisfy({ prepared.contains($0) || constants[$0] != nil }) else {
                continue
            }
            normalization.formUnion(own.filter { constants[$0]?.shape.dimensions.count { $0 > 1 } ?? 0 <= 1 })
            prepared.formUnion(node.outputs.compactMap(\.self))
        }
        return normalization
    }

    private static let preparingOperators: Set = [
        "Add", "Cast", "CastLike", "Concat", "Div", "Gather", "Identity", "Mul", "Reshape", "Slice", "Split", "Squeeze",
        "Sub", "Transpose", "Unsqueeze",
    ]

    /// Whether a constant is added or selected to exclude what it stands beside: it holds infinity, or a number beyond
    /// float16, which no training arrives at.
    private func isMask(_ data: TensorData, _ use: ConstantUse?) -> Bool {
        guard let use, let reader = nodes[use.reader], data.dtype.isFloatingPoint,
            let definition = Operators.definition(named: reader.operatorName, domain: reader.domain),
            !definition.needsFiniteNumbers(in: use.slot, of: reader)
        else { return false }
        return data.numbers.contains { $0.magnitude >= Double(Float16.greatestFiniteMagnitude) }
    }

    /// Whether a constant scales integer weights: dynamic quantization multiplies their scales by the activation's.
    private func isWeightScale(_ use: ConstantUse?) -> Bool {
        guard let use, let reader = nodes[use.reader], reader.operatorName == "Mul" else { return false }
        return reader.inputs.contains { input in
            guard let input, let producer = self[input].producer, let node = nodes[producer] else { return false }
            return node.operatorName == "DynamicQuantizeLinear"
        }
    }
}

extension Node {
    /// Whether the node only hands its first input on in another form.
    fileprivate var unpacksWeights: Bool {
        Operators.definition(named: operatorName, domain: domain)?.unpacksWeights ?? false
    }
}

extension Operator {
    /// What the input at `position` is for; the last slot takes all further positions when it is variadic.
    public static func slot(at position: Int) -> InputSlot? {
        if position < inputs.count { return inputs[position] }
        return inputs.last.flatMap { $0.isVariadic ? $0 : nil }
    }
}

extension InputSlot.Role {
    /// Which role decides when a constant has several.
    fileprivate var strength: Int {
        switch self {
        case .weight: 5
        case .bias: 4
        case .operand: 3
        case .statistic: 2
        case .activation: 1
        case .setting: 0
        }
    }
}

extension DType {
    /// Wide integers and flags are shapes, indices and masks.
    fileprivate var holdsLearnedNumbers: Bool {
        switch self {
        case .float64, .float32, .float16, .bfloat16, .int8, .uint8, .int4, .uint4: true
        case .int64, .int32, .int16, .uint64, .uint32, .uint16, .bool: false
        }
    }
}
