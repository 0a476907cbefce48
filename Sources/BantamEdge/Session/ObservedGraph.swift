import BantamGraph
import BantamModel

/// A graph whose values come out beside its outputs, or only their bounds and means.
///
/// Those are found by the runtime itself, which then need not keep the values: for ResNet-50 a hundred megabytes a
/// sample.
struct ObservedGraph {
    private(set) var graph: Graph
    /// Where to find what is observed, one for each observation.
    private var places: [Place] = []
    /// The outputs that were added, by their names.
    private var reductions: [String: Int] = [:]

    private enum Place {
        /// The model's input.
        case input(Observation.Extent)
        /// An output of the graph, by its index.
        case whole(Int)
        case bounds(lower: Int, upper: Int, finiteness: Int)
        case means(Int)
    }

    init(of graph: Graph, _ observations: [Observation]) throws(GraphError) {
        self.graph = graph
        let input = graph.inputs.first?.value
        let types = try ShapeInference(of: graph)
        let averaged = Set(observations.lazy.filter { $0.extent == .channelMeans }.map(\.value))
        for observation in observations {
            let value = observation.value
            let rank = types[value]?.shape.rank ?? 0
            func means() -> Int { addOutput("ReduceMean", of: value, over: (0..<rank).filter { $0 != 1 }) }
            switch observation.extent {
            case _ where value == input: places.append(.input(observation.extent))
            case .elements: places.append(.whole(addOutput(value)))
            case .channelMeans: places.append(.means(means()))
            case .bounds:
                let axes = Array(0..<rank)
                // The least and the largest of numbers leave NaN out; sums do not.
                let finiteness = averaged.contains(value) ? means() : addOutput("ReduceSum", of: value, over: axes)
                places.append(
                    .bounds(
                        lower: addOutput("ReduceMin", of: value, over: axes),
                        upper: addOutput("ReduceMax", of: value, over: axes), finiteness: finiteness))
            }
        }
    }

    /// Whether some values come out whole.
    var showsElements: Bool {
        places.contains {
            switch $0 {
            case .whole, .input(.elements): true
            default: false
            }
        }
    }

    private mutating func addOutput(_ value: ValueID) -> Int {
        if let known = graph.outputs.firstIndex(of: value) { return known }
        graph.addOutput(value)
        return graph.outputs.count - 1
    }

    private mutating func addOutput(_ reduction: String, of value: ValueID, over axes: [Int]) -> Int {
        let name = "\(graph[value].name).\(reduction)"
        if let known = reductions[name] { return known }
        let constant = graph.addConstant("\(name).axes", TensorData([axes.count], axes.map(Int64.init)))
        let result = graph.addNode(reduction, name: name, inputs: [value, constant], outputNames: [name])[0]
        if let shape = graph[value].type?.shape {
            let reduced = shape.dimensions.enumerated().map { axes.contains($0) ? 1 : $1 }
            graph.setType(TensorType(.float32, Shape(reduced)), of: result)
        }
        reductions[name] = addOutput(result)
        return graph.outputs.count - 1
    }

    /// Shows what one run of the graph gave, by the observations' places.
    func show(input: TensorData, outputs: [TensorData], _ body: (Int, TensorData) throws -> Void) throws {
        func number(_ index: Int) -> Float { outputs[index].elements(of: Float.self)[0] }
        for (index, place) in places.enumerated() {
            switch place {
            case .input(let extent): try body(index, extent.shown(of: input))
            case .whole(let output): try body(index, outputs[output])
            case .means(let output):
                try body(index, outputs[output].reshaped(to: [outputs[output].elementCount]))
            case .bounds(let lower, let upper, let finiteness):
                let isFinite = outputs[finiteness].elements(of: Float.self).allSatisfy { !$0.isNaN }
                try body(index, TensorData([2], [isFinite ? number(lower) : .nan, number(upper)]))
            }
        }
    }
}
