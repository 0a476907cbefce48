public import BantamGraph
public import BantamTensor
import OrderedCollections

/// A graph bound to tensors: it runs forward, in training or in inference mode, and knows its parameters by name.
///
/// The graph stays the only description of the model. Changing the model means changing the graph (pruning,
/// restructuring) and binding a new network.
///
/// ```swift
/// let network = try Network(graph)
/// let logits = try network.forward([images]).outputs[0]  // [N, classes]
/// let trained = try network.snapshot()                   // the graph with the present weights
/// ```
///
/// Not `Sendable`: it belongs to one task, as its tensors do.
public final class Network {
    public let graph: Graph
    public let device: Device
    private let usesChannelsLast: Bool
    /// The learned constants that are not frozen, in the graph's order.
    public let parameters: [Parameter]
    private var tensors: OrderedDictionary<ValueID, Tensor> = [:]
    private var programs: [ProgramKey: Program] = [:]

    /// A learned tensor and its name in the model.
    public struct Parameter {
        public let name: String
        public let value: ValueID
        public let tensor: Tensor
    }

    /// What a run leaves.
    public struct Result {
        /// In the order of the graph's outputs.
        public var outputs: [Tensor]
        /// The values that were tapped.
        public var taps: [ValueID: Tensor]

        public init(outputs: [Tensor], taps: [ValueID: Tensor] = [:]) {
            self.outputs = outputs
            self.taps = taps
        }
    }

    private struct ProgramKey: Hashable {
        var shapes: [Shape]
        var mode: NodeContext.Mode
        var taps: [ValueID]
    }

    /// Copies the graph's constants to the device.
    ///
    /// - Parameter channelsLast: Whether images, clips and convolution weights lie in memory with channels innermost.
    ///   By default they do where the graph convolves: from small networks to large ones that made a training step
    ///   1.1 to 1.6 times faster on the CPU (docs/decisions/0010).
    /// - Parameter frozen: Learned constants that keep their numbers: no gradients are computed for them.
    /// - Throws: `execution` when libtorch is missing or memory runs out.
    public init(
        _ graph: Graph, device: Device = .cpu, channelsLast: Bool? = nil, frozen: Set<ValueID> = []
    ) throws(NetworkError) {
        self.graph = graph
        self.device = device
        let channelsLast = channelsLast ?? graph.nodes.values.contains { $0.operatorName == "Conv" }
        self.usesChannelsLast = channelsLast
        var parameters: [Parameter] = []
        do {
            for (value, data) in graph.constants {
                tensors[value] = try Tensor(data.unpackingNibbles(), device: device)
            }
            for value in graph.parameters {
                guard var tensor = tensors[value] else { continue }
                if channelsLast { tensor = try tensor.channelsLast() }
                if !frozen.contains(value) { tensor = try tensor.requireGradient() }
                tensors[value] = tensor
                guard !frozen.contains(value) else { continue }
                parameters.append(Parameter(name: graph[value].name, value: value, tensor: tensor))
            }
        } catch {
            throw .execution(error)
        }
        self.parameters = parameters
    }

    /// Runs the graph.
    ///
    /// - Parameters:
    ///   - inputs: One tensor for each input of the graph, in order.
    ///   - taps: Values to return beside the outputs: features, or activations to calibrate.
    /// - Throws: `inputMismatch`, `invalidGraph` when the graph does not accept the shapes, or `execution`.
    public func forward(
        _ inputs: [Tensor], mode: NodeContext.Mode = .inference, taps: [ValueID] = []
    ) throws(NetworkError) -> Result {
        try check(inputs)
        let program = try program(for: inputs.map(\.shape), mode: mode, taps: taps)
        var slots = [Tensor?](repeating: nil, count: program.slotCount)
        for (slot, value) in program.constantSlots { slots[slot] = tensors[value] }
        for (slot, tensor) in program.fixedSlots { slots[slot] = tensor }
        do {
            for (slot, input) in zip(program.inputSlots, inputs) {
                slots[slot] = usesChannelsLast ? try input.channelsLast() : input
            }
        } catch {
            throw .execution(error)
        }
        for step in program.steps { try run(step, on: &slots) }
        return Result(
            outputs: program.outputSlots.compactMap { slots[$0] },
            taps: program.tapSlots.compactMapValues { slots[$0] })
    }

    /// The graph with the network's present parameters and statistics.
    public func snapshot() throws(NetworkError) -> Graph {
        var copy = graph
        do {
            for value in graph.parameters + graph.statistics {
                if let tensor = tensors[value] { copy.setConstant(value, to: try tensor.data()) }
            }
        } catch {
            throw .execution(error)
        }
        return copy
    }

    /// Takes over the parameters and statistics of a graph with the same constants, such as an earlier snapshot.
    ///
    /// - Precondition: `other` has every constant of this network's graph, of the same type.
    public func load(_ other: Graph) throws(NetworkError) {
        do {
            try withoutGradients { () throws(TorchError) in
                for value in graph.parameters + graph.statistics {
                    guard let data = other.constants[value], let tensor = tensors[value] else {
                        preconditionFailure("\(graph[value].name) is missing from the loaded graph")
                    }
                    try tensor.copy(from: try Tensor(data, device: device))
                }
            }
        } catch {
            throw .execution(error)
        }
    }

    /// The tensor behind a constant of the graph: a parameter, a running statistic, or a setting.
    public func tensor(of constant: ValueID) -> Tensor? { tensors[constant] }

    private func check(_ inputs: [Tensor]) throws(NetworkError) {
        guard inputs.count == graph.inputs.count else {
            throw .inputCount(inputs.count, expected: graph.inputs.count)
        }
        for (input, tensor) in zip(graph.inputs, inputs) {
            let sizes = tensor.shape.dimensions
            let fits =
                sizes.count == input.dimensions.count
                && zip(sizes, input.dimensions).allSatisfy { $1.fixedSize == nil || $1.fixedSize == $0 }
            guard fits else {
                throw .inputShape(tensor.shape, expected: input.dimensions, name: graph[input.value].name)
            }
        }
    }

    private func program(
        for shapes: [Shape], mode: NodeContext.Mode, taps: [ValueID]
    ) throws(NetworkError) -> Program {
        let key = ProgramKey(shapes: shapes, mode: mode, taps: taps)
        if let program = programs[key] { return program }
        let program = try Program(
            graph, inputShapes: shapes, mode: mode, taps: taps, parameters: parameters.map(\.value), device: device)
        programs[key] = program
        return program
    }

    private func run(_ step: Program.Step, on slots: inout [Tensor?]) throws(NetworkError) {
        func resolve(_ argument: Program.Argument) -> ATenValue {
            switch argument {
            case .slot(let slot): slots[slot].map(ATenValue.tensor) ?? .none
            case .slots(let parts):
                .tensors(
                    parts.compactMap { part in
                        if case .slot(let slot) = part { slots[slot] } else { nil }
                    })
            case .value(let value): value
            }
        }
        do {
            let results = try step.operation.call(step.arguments.map(resolve))
            let tensors = results.flatMap { $0.tensors ?? $0.tensor.map { [$0] } ?? [] }
            for (slot, tensor) in zip(step.results, tensors) { slots[slot] = tensor }
        } catch {
            throw .execution(error, node: step.node)
        }
        for slot in step.releases { slots[slot] = nil }
    }
}
