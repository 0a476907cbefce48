import BantamGraph
import BantamTestSupport
import Testing

/// What must hold for every operator; a new one is tested by being listed.
@Suite struct OperatorConformanceTests {
    /// One example of one operator.
    struct Case: Sendable, CustomTestStringConvertible {
        var definition: any Operator.Type
        var number: Int
        var example: OperatorExample

        var testDescription: String { "\(definition.name), example \(number)" }
    }

    static let cases = (Operators.all + Operators.own).flatMap { definition in
        definition.examples.enumerated().map { Case(definition: definition, number: $0, example: $1) }
    }

    @Test func `No two operators have one name`() {
        let names = (Operators.all + Operators.own).map { "\($0.domain)/\($0.name)" }
        #expect(Set(names).count == names.count)
    }

    @Test func `Each operator has an example, and is found by its name`() {
        for definition in Operators.all + Operators.own {
            #expect(!definition.examples.isEmpty, "\(definition.name)")
            #expect(Operators.definition(named: definition.name, domain: definition.domain) == definition)
        }
    }

    @Test(arguments: cases) func `Shapes are inferred, and what is evaluated has them`(_ sample: Case) throws {
        let node = try SingleNode(sample.definition, sample.example)
        #expect(node.context.outputTypes.count == sample.example.outputCount)
        for (result, type) in zip(node.known, node.context.outputTypes) { #expect(result.type == type) }
    }

    @Test(arguments: cases) func `What is summed over is an axis of the weight, and no output channel`(
        _ sample: Case
    ) throws {
        let node = try SingleNode(sample.definition, sample.example)
        guard case .integer(let slots) = node.definition.quantization(of: node.context) else { return }
        for (slot, role) in slots.enumerated() {
            guard case .weight(let channelAxis) = role, node.context.hasInput(slot) else { continue }
            let found = node.definition.reductionAxis(ofWeight: slot, of: node.context)
            let axis = try #require(found, "slot \(slot)")
            let shape = node.context.inputShape(slot)
            #expect(axis.axis != channelAxis && axis.length > 0 && shape[axis.axis] % axis.length == 0)
            // Its indices are input channels, unless each sum has only one of them.
            guard axis.length > 1, case .links(let links) = node.definition.channelFlow(of: node.context) else {
                continue
            }
            let place = SlotAxis.input(slot, axis: axis.axis)
            #expect(
                links.contains { link in
                    let other = link.source == place ? link.target : link.target == place ? link.source : nil
                    guard case .input(let input)? = other?.slot else { return false }
                    return input != slot
                }, "\(links)")
        }
    }

    @Test(arguments: cases) func `Links join axes that exist, within their range`(_ sample: Case) throws {
        let node = try SingleNode(sample.definition, sample.example)
        for link in node.definition.channelFlow(of: node.context).links {
            let source = try #require(extent(of: link.source, in: node.context), "\(link)")
            let target = try #require(extent(of: link.target, in: node.context), "\(link)")
            switch link.mapping {
            case .same: #expect(source == target, "\(link)")
            case .offset(let offset): #expect(offset >= 0 && offset + source <= target, "\(link)")
            case .blocks(let size): #expect(size > 0 && source * size == target, "\(link)")
            case .modulo(let count): #expect(count > 0 && count <= target && source % count == 0, "\(link)")
            case .digit(let count, let sourceStride, let targetStride):
                #expect(count > 0 && source % (count * sourceStride) == 0, "\(link)")
                #expect(target % (count * targetStride) == 0, "\(link)")
            }
        }
    }

    @Test(arguments: cases) func `What is kept for the backward pass exists`(_ sample: Case) throws {
        let context = try SingleNode(sample.definition, sample.example).context
        for kept in sample.definition.keptForBackward(of: context) {
            switch kept {
            case .input(let slot): #expect(slot < context.inputCount)
            case .output(let index): #expect(index < context.outputTypes.count)
            case .intermediate: break
            }
        }
    }

    @Test(arguments: cases) func `Calls refer to filled slots and to earlier calls`(_ sample: Case) throws {
        let context = try SingleNode(sample.definition, sample.example).context
        let lowering = try sample.definition.lowering(of: context)
        for (position, call) in lowering.calls.enumerated() {
            #expect(call.name.hasPrefix("aten::") || Operators.own.contains { $0 == sample.definition })
            for argument in call.arguments { check(argument, before: position, context) }
        }
        if let outputs = lowering.outputs {
            #expect(outputs.count >= context.outputTypes.count)
            for output in outputs { check(output, before: lowering.calls.count, context) }
        } else {
            #expect(!lowering.calls.isEmpty, "the outputs have no source")
        }
    }

    @Test(arguments: cases) func `Quantization speaks of slots that the node has`(_ sample: Case) throws {
        let context = try SingleNode(sample.definition, sample.example).context
        guard case .integer(let slots) = sample.definition.quantization(of: context) else { return }
        #expect(slots.count <= max(context.inputCount, sample.definition.inputs.count))
        for (slot, role) in slots.enumerated() where context.hasInput(slot) {
            guard case .weight(let channelAxis) = role else { continue }
            #expect((0..<context.inputShape(slot).rank).contains(channelAxis))
        }
    }

    @Test(arguments: cases) func `Costs are counted where there are multiplications`(_ sample: Case) throws {
        let context = try SingleNode(sample.definition, sample.example).context
        let cost = sample.definition.cost(of: context)
        let multiplies = [
            "Conv", "ConvInteger", "ConvTranspose", "Einsum", "Gemm", "GRU", "LSTM", "MatMul",
            "MatMulInteger", "QLinearConv", "RNN",
        ]
        #expect(multiplies.contains(sample.definition.name) ? cost.macs > 0 : cost.macs == 0)
        #expect(cost.elementwise >= 0)
    }

    private func extent(of place: SlotAxis, in context: NodeContext) -> Int? {
        let shape: Shape? =
            switch place.slot {
            case .input(let slot): context.hasInput(slot) ? context.inputShape(slot) : nil
            case .output(let index): context.outputTypes.indices.contains(index) ? context.outputShape(index) : nil
            }
        return shape.flatMap { $0.dimensions.indices.contains(place.axis) ? $0[place.axis] : nil }
    }

    private func check(_ argument: ATenArgument, before position: Int, _ context: NodeContext) {
        switch argument {
        case .input(let slot): #expect(context.hasInput(slot), "input \(slot)")
        case .result(let call, _): #expect((0..<position).contains(call), "result of call \(call)")
        case .tensors(let list): for element in list { check(element, before: position, context) }
        default: break
        }
    }
}
