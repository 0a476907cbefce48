import BantamGraph
import BantamNetwork
import BantamONNX
import BantamTensor
import Glibc

/// One of ONNX's node tests: a model of one operator, or of the simpler operators it is defined by, with what goes in
/// and what must come out.
struct NodeCase {
    enum Outcome {
        case passed
        case failed(String)
        /// It is about something that Bantam does not have.
        case notApplicable(String)
    }

    struct Result {
        var outcome: Outcome
        /// The operators of the model, each once.
        var operators: Set<String>
    }

    let name: String
    let folder: String

    func run() -> Result {
        var operators: Set<String> = []
        do {
            let graph = try ONNXFile.read("\(folder)/model.onnx").graph
            operators = Set(graph.nodes.values.map(\.operatorName))
            let unknown = graph.nodes.values.first {
                Operators.definition(named: $0.operatorName, domain: $0.domain) == nil
            }
            if let unknown {
                return Result(outcome: .notApplicable("operator \(unknown.operatorName)"), operators: operators)
            }
            let inputs = zip(try tensors("input"), graph.inputs).map { $0.reinterpreted(as: $1.dtype) }
            let expected = try tensors("output")
            if Self.dropsAtRandom(graph, inputs: inputs) {
                return Result(outcome: .notApplicable("random numbers of another generator"), operators: operators)
            }
            let results = try execute(graph, inputs)
            return Result(outcome: Self.compare(results, with: expected), operators: operators)
        } catch let error as ONNXError {
            return Result(outcome: Self.outcome(of: error), operators: operators)
        } catch {
            return Result(outcome: .failed("\(error)"), operators: operators)
        }
    }

    /// `input_0.pb`, `input_1.pb`, ...
    private func tensors(_ kind: String) throws -> [TensorData] {
        var tensors: [TensorData] = []
        while true {
            let path = "\(folder)/test_data_set_0/\(kind)_\(tensors.count).pb"
            guard access(path, F_OK) == 0 else { return tensors }
            tensors.append(try ONNXTensorFile.read(path))
        }
    }

    // MARK: Applicability

    /// Whether a `Dropout` is told to train: the expected numbers come from NumPy's generator then.
    private static func dropsAtRandom(_ graph: Graph, inputs: [TensorData]) -> Bool {
        func data(_ slot: Int, of node: Node) -> TensorData? {
            guard slot < node.inputs.count, let value = node.inputs[slot] else { return nil }
            return graph.inputs.firstIndex { $0.value == value }.map { inputs[$0] } ?? graph.constants[value]
        }
        return graph.nodes.values.contains { node in
            node.operatorName == "Dropout" && data(2, of: node)?.elements(of: Bool.self) == [true]
                && data(1, of: node)?.doubles() != [0]
        }
    }

    /// A type that Bantam does not have is no failure; any other reason for not reading a file is one.
    private static func outcome(of error: ONNXError) -> Outcome {
        switch error.code {
        case .invalidAttribute: .notApplicable("an attribute that is no number, text, tensor or graph")
        case .unsupportedType: .notApplicable("an element type, or a value that is no tensor")
        case .unsupportedOpset: .notApplicable("an operator set that is not ONNX's own")
        default: .failed("\(error)")
        }
    }

    // MARK: Execution

    private func execute(_ graph: Graph, _ inputs: [TensorData]) throws -> [TensorData] {
        guard inputs.count == graph.inputs.count else {
            throw ConformanceError("\(inputs.count) input files for \(graph.inputs.count) inputs")
        }
        let graph = try Self.resolvingSettings(of: graph, inputs)
        let network = try Network(graph)
        return try withoutGradients {
            try network.forward(try inputs.map { try Tensor($0.unpackingNibbles()) }).outputs.map { try $0.data() }
        }
    }

    /// The graph with as few inputs as possible replaced by constants.
    ///
    /// ONNX's tests give shapes, axes and counts as inputs of the model; Bantam needs them before the model runs. The
    /// first form that it accepts is tested: all inputs computed; constant where an operator says that it is a setting;
    /// constant where it is not floating-point; all constant.
    private static func resolvingSettings(of graph: Graph, _ inputs: [TensorData]) throws -> Graph {
        let shapes = inputs.map(\.shape)
        let settings = Set(
            graph.nodes.values.flatMap { node in
                let slots = Operators.definition(named: node.operatorName, domain: node.domain)?.inputs ?? []
                return zip(node.inputs, slots).compactMap { $1.role == .setting ? $0 : nil }
            })
        let choices: [(Int) -> Bool] = [
            { _ in false },
            { settings.contains(graph.inputs[$0].value) },
            { !graph.inputs[$0].dtype.isFloatingPoint },
        ]
        for isConstant in choices {
            let candidate = replacing(inputs.indices.filter(isConstant), of: graph, by: inputs)
            do throws(GraphError) {
                try lower(candidate, shapes)
                return candidate
            } catch {
                guard error.code == .dynamicShape else { throw error }
            }
        }
        return replacing(Array(inputs.indices), of: graph, by: inputs)
    }

    private static func replacing(_ chosen: [Int], of graph: Graph, by inputs: [TensorData]) -> Graph {
        var copy = graph
        for index in chosen {
            let input = graph.inputs[index].value
            copy.replaceUses(of: input, with: copy.addConstant("\(graph[input].name).constant", inputs[index]))
        }
        return copy
    }

    /// Does all that depends on shapes alone.
    private static func lower(_ graph: Graph, _ shapes: [Shape]) throws(GraphError) {
        let types = try ShapeInference(of: graph, inputShapes: shapes)
        for node in graph.nodes.values {
            _ = try Operators.definition(of: node).lowering(of: types.context(of: node))
        }
    }

    private static func compare(_ results: [TensorData], with expected: [TensorData]) -> Outcome {
        guard results.count == expected.count else {
            return .failed("\(results.count) outputs instead of \(expected.count)")
        }
        for (index, (result, expected)) in zip(results, expected).enumerated() {
            if let difference = result.difference(fromReference: expected.reinterpreted(as: result.dtype)) {
                return .failed("output \(index): \(difference)")
            }
        }
        return .passed
    }
}
