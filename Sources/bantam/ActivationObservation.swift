import BantamCompression
import BantamGraph

/// A graph whose activations come out beside its results, or only their bounds.
///
/// Bounds are found by the runtime itself, which then need not keep the activations: for ResNet-50 a hundred megabytes a
/// sample.
struct ActivationObservation {
    private(set) var graph: Graph
    /// What is observed, and where: the model's input, or outputs of ``graph`` by index.
    private var places: [(value: ValueID, place: Place)] = []

    private enum Place {
        case input
        case whole(Int)
        case bounds(lower: Int, upper: Int, sum: Int)
    }

    init(of graph: Graph, _ values: [ValueID], _ extent: ModelMeter.Extent) throws {
        self.graph = graph
        let input = graph.inputs.first?.value
        for value in values {
            if value == input {
                places.append((value, .input))
            } else if extent == .bounds {
                let place = Place.bounds(
                    lower: addOutput("ReduceMin", of: value), upper: addOutput("ReduceMax", of: value),
                    sum: addOutput("ReduceSum", of: value))
                places.append((value, place))
            } else {
                places.append((value, .whole(addOutput(value))))
            }
        }
    }

    private mutating func addOutput(_ value: ValueID) -> Int {
        if let known = graph.outputs.firstIndex(of: value) { return known }
        graph.addOutput(value)
        return graph.outputs.count - 1
    }

    private mutating func addOutput(_ reduction: String, of value: ValueID) -> Int {
        let name = "\(graph[value].name).\(reduction)"
        let result = graph.addNode(reduction, name: name, inputs: [value], outputNames: [name])[0]
        if let shape = graph[value].type?.shape {
            graph.setType(TensorType(.float32, Shape(shape.dimensions.map { _ in 1 })), of: result)
        }
        return addOutput(result)
    }

    /// Shows what one run of the graph gave.
    func show(
        input: TensorData, outputs: [TensorData], _ body: (ValueID, TensorData) throws -> Void
    ) throws {
        func number(_ index: Int) -> Float { outputs[index].elements(of: Float.self)[0] }
        for (value, place) in places {
            switch place {
            case .input: try body(value, input)
            case .whole(let index): try body(value, outputs[index])
            case .bounds(let lower, let upper, let sum):
                // The least and the largest of numbers leave NaN out; their sum does not.
                let isNumber = !number(sum).isNaN
                try body(value, TensorData([2], [isNumber ? number(lower) : .nan, number(upper)]))
            }
        }
    }
}
