public import BantamGraph

/// Turns an operator's example into a model of one node, with the data to run it on.
///
/// The numbers depend on the operator and the example alone, so reference values can be stored.
///
/// - Returns: A graph whose inputs are named `input0`, `input1`, ... by slot, and its outputs `output0`, ...; and the
///   data for those inputs that are not constants of the graph, by name.
public func exampleGraph(
    of definition: any Operator.Type, _ example: OperatorExample
) -> (graph: Graph, inputs: [String: TensorData]) {
    let shapes = example.inputs.map { "\($0.type?.description ?? "absent")" }.joined(separator: ", ")
    let seeds = SeededGenerator(seed: 0).stream("\(definition.name)(\(shapes)) \(example.attributes.keys.elements)")
    var graph = Graph(name: definition.name)
    var data: [String: TensorData] = [:]
    let values: [ValueID?] = example.inputs.enumerated().map { slot, input in
        let name = "input\(slot)"
        var random = seeds.stream(name)
        switch input {
        case .random(let shape, let bounds):
            data[name] = TensorData.random(shape, in: bounds, from: &random)
        case .data(let given):
            data[name] = given
        case .constant(let given):
            return graph.addConstant(name, given)
        case .weight(let shape):
            return graph.addConstant(name, TensorData.random(shape, in: -0.5...0.5, from: &random))
        case .absent:
            return nil
        }
        return data[name].map { graph.addInput(name, $0.dtype, $0.shape.dimensions.map { .fixed($0) }) }
    }
    let outputs = graph.addNode(
        definition.name, name: "node", domain: definition.domain, inputs: values,
        outputNames: (0..<example.outputCount).map { "output\($0)" }, attributes: example.attributes)
    for output in outputs { graph.addOutput(output) }
    return (graph, data)
}

extension OperatorExample.Input {
    /// The type of what fills the slot.
    var type: TensorType? {
        switch self {
        case .random(let shape, _), .weight(let shape): TensorType(.float32, shape)
        case .constant(let data), .data(let data): data.type
        case .absent: nil
        }
    }
}

extension TensorData {
    /// Uniformly distributed float32 numbers.
    public static func random(
        _ shape: Shape, in bounds: ClosedRange<Float> = -1...1, from generator: inout SeededGenerator
    ) -> TensorData {
        TensorData(shape, (0..<shape.elementCount).map { _ in generator.uniform(in: bounds) })
    }
}
