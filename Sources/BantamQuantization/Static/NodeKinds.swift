import BantamGraph
import BantamLayerwise

/// What each node of a graph can do under a profile, before it is known what its neighbours do.
struct NodeKinds {
    enum Kind: Equatable {
        /// Computes on integers; these inputs are rounded for it, unless the model is given integers already.
        case integer(activations: [ValueID])
        /// Changes each element on its own. An integer kernel that makes `source` can do it on the way.
        case activation(source: ValueID)
        /// Moves the values of these inputs; none where it tells what given integers stand for.
        case transparent(inputs: [ValueID])
        case float(String)
    }

    private let scope: QuantizationScope
    private let fills: FillValues
    private let sumsAreRounded: Bool
    private var kinds: [NodeID: Kind] = [:]

    init(scope: QuantizationScope, method: StaticQuantization) {
        let (profile, excluded) = (method.profile, method.excludedNodes)
        self.scope = scope
        sumsAreRounded = method.roundsSummands
        fills = FillValues(in: scope)
        for node in scope.graph.nodes.values {
            kinds[node.id] =
                excluded.contains(node.name) ? .float(method.reasonForExclusion) : kind(of: node, under: profile)
        }
    }

    subscript(node: NodeID) -> Kind { kinds[node] ?? .float("it is not part of the graph") }

    /// Withdraws nodes from integers whose neighbours do not go along.
    mutating func settle() {
        withdrawNodesOfSharedWeights()
        withdrawNodesWithoutIntegerSource()
    }

    // MARK: One node

    private func kind(of node: Node, under profile: TargetProfile) -> Kind {
        guard let output = node.mainOutput, scope.isFloat32(output) else {
            return .float("its result is not float32")
        }
        if scope.givenParameters(of: output) != nil { return .transparent(inputs: []) }
        if let filled = node.filledInputs.first(where: { fills.contains($0.value) }) {
            return .float("its input \(scope.graph[filled.value].name) is filled with a number beyond all activations")
        }
        if let source = elementwiseSource(of: node, under: profile) { return .activation(source: source) }
        switch scope.role(of: node) {
        case .float: return .float("\(node.operatorName) computes in floating point")
        case .transparent: return transparentKind(of: node)
        case .integer:
            if node.operatorName == "Add", !sumsAreRounded { return .float("it adds values before they are rounded") }
            let context = scope.context(of: node)
            if let objection = profile.objection(to: context) { return .float(objection) }
            return integerKind(of: node)
        }
    }

    private func integerKind(of node: Node) -> Kind {
        let role = scope.role(of: node)
        var activations: [ValueID] = []
        var isGiven = false
        for (slot, value) in node.filledInputs {
            switch role.slot(slot) {
            case .activation:
                if scope.isConstant(value) { return .float("its input \(scope.graph[value].name) is a constant") }
                if scope.givenParameters(of: value) != nil {
                    isGiven = true
                    continue
                }
                if scope.graph.producer(of: value)?.operatorName == "DequantizeLinear" {
                    return .float("its input \(scope.graph[value].name) is quantized already")
                }
                guard scope.isFloat32(value) else {
                    return .float("its input \(scope.graph[value].name) is not float32")
                }
                activations.append(value)
            case .weight:
                if case .failure(let objection) = scope.channelAxis(ofWeight: value) { return .float(objection.text) }
            case .bias, .float: break
            }
        }
        guard isGiven || !activations.isEmpty else { return .float("it reads constants only") }
        return .integer(activations: activations)
    }

    private func transparentKind(of node: Node) -> Kind {
        let slots = Operators.definition(named: node.operatorName, domain: node.domain)?.inputs ?? []
        var inputs: [ValueID] = []
        for (index, value) in node.filledInputs {
            guard let slot = index < slots.count ? slots[index] : slots.last, scope.isFloat32(value) else { continue }
            guard slot.role == .activation || slot.role == .operand else { continue }
            if scope.isConstant(value) { return .float("its input \(scope.graph[value].name) is a constant") }
            inputs.append(value)
        }
        return inputs.isEmpty ? .float("it reads constants only") : .transparent(inputs: inputs)
    }

    /// The value that the node changes element by element: the input of an activation function, the operand of `Add`,
    /// `Sub`, `Mul` or `Div` beside a constant, or `x` in `x * gate(x)`.
    private func elementwiseSource(of node: Node, under profile: TargetProfile) -> ValueID? {
        guard node.domain.isEmpty else { return nil }
        let computed = node.filledInputs.map(\.value).filter { !scope.isConstant($0) }
        if profile.fusedActivations.contains(node.operatorName) {
            return computed.count == 1 && computed[0] == node.inputs[0] ? computed[0] : nil
        }
        if ["Sub", "Div"].contains(node.operatorName), computed.count == 1, computed[0] == node.inputs[0] {
            return computed[0]
        }
        guard node.operatorName == "Mul" || node.operatorName == "Add" else { return nil }
        if node.filledInputs.count == 2, computed.count == 1 { return computed[0] }
        guard node.operatorName == "Mul", computed.count == 2 else { return nil }
        return isGate(computed[1], of: computed[0], profile)
            ? computed[0] : isGate(computed[0], of: computed[1], profile) ? computed[1] : nil
    }

    private func isGate(_ gate: ValueID, of source: ValueID, _ profile: TargetProfile) -> Bool {
        guard let producer = scope.graph.producer(of: gate), profile.fusedActivations.contains(producer.operatorName)
        else { return false }
        return producer.inputs.first == source && scope.graph.consumers(of: gate).count == 1
    }

    // MARK: Neighbours

    /// A weight is stored as integers for all of its readers or for none.
    private mutating func withdrawNodesOfSharedWeights() {
        var pending = scope.graph.nodes.keys.elements.filter { !isInteger($0) }
        while let id = pending.popLast() {
            let node = scope.graph[id]
            for (_, value) in node.filledInputs where scope.isConstant(value) {
                for reader in scope.readers(of: value) where isInteger(reader) && isWeight(value, of: reader) {
                    let name = scope.graph[value].name
                    kinds[reader] = .float("its weight \(name) is shared with \(node.label), which stays so")
                    pending.append(reader)
                }
            }
        }
    }

    private mutating func withdrawNodesWithoutIntegerSource() {
        var isIntegerResult: Set<ValueID> = []
        for node in scope.graph.nodes.values {
            let passesOn: Bool
            switch self[node.id] {
            case .integer(let activations):
                passesOn = scope.macs(of: node) > 0 || activations.contains(where: isIntegerResult.contains)
                if !passesOn { kinds[node.id] = .float("no integer operator comes before it") }
            case .activation(let source): passesOn = isIntegerResult.contains(source)
            case .transparent(let inputs): passesOn = inputs.contains(where: isIntegerResult.contains)
            case .float: passesOn = false
            }
            if passesOn { isIntegerResult.formUnion(node.outputs.compactMap(\.self)) }
        }
    }

    private func isInteger(_ id: NodeID) -> Bool {
        if case .integer = self[id] { true } else { false }
    }

    private func isWeight(_ value: ValueID, of id: NodeID) -> Bool {
        let node = scope.graph[id]
        let role = scope.role(of: node)
        return node.filledInputs.contains { $0.value == value && role.channelAxis($0.slot) != nil }
    }
}
