import BantamGraph
import BantamTensor
import OrderedCollections

/// A graph made ready for inputs of certain shapes: a list of ATen calls over numbered slots.
///
/// Everything that depends on shapes alone (which overload, which padding, which target of a reshape) is decided once,
/// here; a run then only calls operators.
struct Program {
    /// One call. Slots hold tensors; `releases` lists those not read again.
    struct Step {
        var operation: ATenOperation
        var arguments: [Argument]
        /// Where the results go; an operator that returns a list fills one slot for each tensor of it.
        var results: [Int]
        var releases: [Int]
        /// The node it came from, for errors.
        var node: String
    }

    /// An argument with every reference to a tensor turned into a slot.
    indirect enum Argument {
        case slot(Int)
        case slots([Argument])
        case value(ATenValue)

        /// Every slot it names.
        var slots: [Int] {
            switch self {
            case .slot(let slot): [slot]
            case .slots(let parts): parts.flatMap(\.slots)
            case .value: []
            }
        }
    }

    private(set) var steps: [Step] = []
    private(set) var slotCount = 0
    /// Slots to fill before a run.
    private(set) var inputSlots: [Int] = []
    private(set) var constantSlots: [(slot: Int, value: ValueID)] = []
    /// Tensors that lowerings hold ready: results known without running, and constants of calls.
    private(set) var fixedSlots: [(slot: Int, tensor: Tensor)] = []
    /// Slots to read after a run.
    private(set) var outputSlots: [Int] = []
    private(set) var tapSlots: [ValueID: Int] = [:]

    private var slotOfValue: [ValueID: Int] = [:]
    /// Parameters and what is computed from them: known before a run, but not before each.
    private var learned: Set<ValueID>

    /// - Parameters:
    ///   - inputShapes: One shape for each input of the graph, in order.
    ///   - parameters: The constants that training changes.
    ///   - taps: Further values to keep.
    /// - Throws: `invalidGraph` when the graph does not accept these shapes, `execution` when libtorch lacks an
    ///   operator.
    init(
        _ graph: Graph, inputShapes: [Shape], mode: NodeContext.Mode, taps: [ValueID], parameters: [ValueID],
        device: Device
    ) throws(NetworkError) {
        learned = Set(parameters)
        do {
            let types = try ShapeInference(of: graph, inputShapes: inputShapes, mode: mode)
            inputSlots = graph.inputs.map { newSlot(for: $0.value) }
            for value in graph.constants.keys { constantSlots.append((newSlot(for: value), value)) }
            for node in graph.nodes.values { try append(node, types: types, mode: mode, device: device) }
        } catch let error as GraphError {
            throw .invalidGraph(error)
        } catch let error as TorchError {
            throw .execution(error)
        } catch {
            preconditionFailure("an error of an undeclared type: \(error)")
        }
        outputSlots = graph.outputs.compactMap { slotOfValue[$0] }
        for tap in taps { tapSlots[tap] = slotOfValue[tap] }
        if device == .cpu { joinConvolutionsWithRelu() }
        planReleases()
    }

    private mutating func newSlot(for value: ValueID? = nil) -> Int {
        defer { slotCount += 1 }
        if let value { slotOfValue[value] = slotCount }
        return slotCount
    }

    private mutating func append(
        _ node: Node, types: ShapeInference, mode: NodeContext.Mode, device: Device
    ) throws {
        // Arithmetic on shapes was done by shape inference. A weight that is only given another shape stays a weight.
        let known = node.outputs.compactMap { $0.flatMap { types.known[$0] } }
        let isLearned = node.inputs.contains { $0.map(learned.contains) ?? false }
        if isLearned {
            for output in node.outputs.compactMap(\.self) where types[output]?.dtype.isFloatingPoint == true {
                learned.insert(output)
            }
        }
        if known.count == node.outputs.count, !node.outputs.contains(where: { $0.map(learned.contains) ?? false }) {
            for (output, data) in zip(node.outputs, known) {
                if let output {
                    fixedSlots.append((newSlot(for: output), try Tensor(data.unpackingNibbles(), device: device)))
                }
            }
            return
        }
        let definition = try Operators.definition(of: node)
        let lowering = try definition.lowering(of: types.context(of: node, mode: mode))
        var results: [[Int]] = []
        for (index, call) in lowering.calls.enumerated() {
            let operation = ATenOperation(call.name, call.overload)
            try operation.resolve()
            let count = resultCount(of: index, in: lowering, outputs: node.outputs.count)
            let slots = (0..<count).map { _ in newSlot() }
            let arguments = try call.arguments.map { try resolve($0, node: node, results: results, device: device) }
            steps.append(
                Step(operation: operation, arguments: arguments, results: slots, releases: [], node: node.label))
            results.append(slots)
        }
        for (index, output) in node.outputs.enumerated() {
            guard let output else { continue }
            let argument = lowering.outputs?[index] ?? .result(lowering.calls.count - 1, index)
            switch argument {
            case .result(let call, let result): slotOfValue[output] = results[call][result]
            case .input(let slot): slotOfValue[output] = node.inputs[slot].flatMap { slotOfValue[$0] }
            case .constant(let data):
                fixedSlots.append((newSlot(for: output), try Tensor(data.unpackingNibbles(), device: device)))
            default: throw NetworkError.unsupportedOutput(of: node.label)
            }
        }
    }

    /// How many results of a call are read, by later calls or as the node's outputs.
    private func resultCount(of call: Int, in lowering: Lowering, outputs: Int) -> Int {
        func largest(_ argument: ATenArgument) -> Int {
            switch argument {
            case .result(call, let output): output + 1
            case .tensors(let parts): parts.map(largest).max() ?? 0
            default: 0
            }
        }
        let later = lowering.calls.dropFirst(call + 1).flatMap(\.arguments).map(largest).max() ?? 0
        if let explicit = lowering.outputs { return max(later, explicit.map(largest).max() ?? 0) }
        return call == lowering.calls.count - 1 ? max(later, outputs) : later
    }

    private mutating func resolve(
        _ argument: ATenArgument, node: Node, results: [[Int]], device: Device
    ) throws -> Argument {
        switch argument {
        case .input(let slot):
            guard slot < node.inputs.count, let value = node.inputs[slot], let index = slotOfValue[value] else {
                return .value(.none)
            }
            return .slot(index)
        case .result(let call, let output): return .slot(results[call][output])
        case .constant(let data):
            let slot = newSlot()
            fixedSlots.append((slot, try Tensor(data.unpackingNibbles(), device: device)))
            return .slot(slot)
        case .tensors(let parts):
            return .slots(try parts.map { try resolve($0, node: node, results: results, device: device) })
        case .int(let value): return .value(.int(value))
        case .double(let value): return .value(.double(value))
        case .bool(let value): return .value(.bool(value))
        case .ints(let values): return .value(.ints(values))
        case .doubles(let values): return .value(.doubles(values))
        case .bools(let values): return .value(.bools(values))
        case .dtype(let dtype): return .value(.dtype(dtype))
        case .string(let text): return .value(.string(text))
        case .none: return .value(.none)
        }
    }

    /// Slots that hold something before a run, or are looked at after it.
    private var keptSlots: Set<Int> {
        Set(outputSlots).union(tapSlots.values).union(inputSlots)
            .union(constantSlots.map(\.slot)).union(fixedSlots.map(\.slot))
    }

    /// Makes one step of each convolution and a ReLU that alone reads it, which saves a pass over memory.
    private mutating func joinConvolutionsWithRelu() {
        var readers: [Int: Int] = [:]
        var convolutionOfSlot: [Int: Int] = [:]
        for (index, step) in steps.enumerated() {
            for slot in step.arguments.flatMap(\.slots) { readers[slot, default: 0] += 1 }
            if step.operation.description == "aten::convolution" { convolutionOfSlot[step.results[0]] = index }
        }
        let kept = keptSlots
        var joined: [Int] = []
        for (index, step) in steps.enumerated() where step.operation.description == "aten::relu" {
            guard case .slot(let slot)? = step.arguments.first, let convolution = convolutionOfSlot[slot],
                readers[slot] == 1, !kept.contains(slot)
            else { continue }
            steps[convolution].operation = ATenOperation("bantam::convolution_relu")
            steps[convolution].results = step.results
            joined.append(index)
        }
        for index in joined.reversed() { steps.remove(at: index) }
    }

    /// Notes after which step each temporary slot is no longer read.
    private mutating func planReleases() {
        var lastUse: [Int: Int] = [:]
        for (index, step) in steps.enumerated() {
            for slot in step.results + step.arguments.flatMap(\.slots) { lastUse[slot] = index }
        }
        let kept = keptSlots
        for (slot, step) in lastUse where !kept.contains(slot) { steps[step].releases.append(slot) }
    }
}
