import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Testing

/// What must hold for every architecture; a new one is tested by being listed.
@Suite struct ArchitectureTests {
    static let names = Architectures.variants.map(\.name)
    /// Those that a debug build fills with random numbers and runs in a moment.
    static let quickNames = Architectures.variants.filter(\.isQuick).map(\.name)

    private static func parameterCount(_ graph: Graph) -> Int {
        graph.parameters.reduce(0) { $0 + (graph.constants[$1]?.elementCount ?? 0) }
    }

    @Test(arguments: names) func `It has the published number of parameters`(_ name: String) throws {
        let variant = try Architectures.variant(named: name)
        let graph = variant.graph(weights: .zeros)
        if let published = variant.publishedParameters { #expect(Self.parameterCount(graph) == published) }
        #expect(try CostAnalysis(of: graph).total.parameters == Self.parameterCount(graph))
    }

    /// ONNX Runtime refuses others.
    @Test(arguments: names) func `Its nodes have names of their own`(_ name: String) throws {
        let names = try Architectures.variant(named: name).graph(weights: .zeros).nodes.values.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: quickNames) func `It turns a batch into one row of scores for each sample`(_ name: String) throws {
        let variant = try Architectures.variant(named: name)
        for (classCount, weights) in [(variant.published.classCount, InitialWeights.zeros), (7, .random(seed: 0))] {
            let graph = variant.graph(
                classCount: classCount, inputShape: variant.smallestInputShape, weights: weights)
            graph.checkInvariants()
            let result = try graph.run(graph.sampleInputs())[0]
            #expect(result.type == TensorType(.float32, [2, classCount]))
            #expect(result.elements(of: Float.self).allSatisfy { $0.isFinite })
            #expect(graph[graph.outputs[0]].name == "logits")
        }
    }

    @Test(arguments: quickNames) func `A training step reaches every parameter`(_ name: String) throws {
        let network = try Network(try #require(ArchitectureVariant.quickModels[name]))
        let input = try Tensor(network.graph.sampleInputs()[0])
        let logits = try network.forward([input], mode: .training).outputs[0]
        try logits.crossEntropy(with: try Tensor(TensorData([2], [Int64(0), 1]))).backward()
        for parameter in network.parameters {
            let gradient = try #require(parameter.tensor.gradient, "\(parameter.name)").data()
            #expect(gradient.elements(of: Float.self).allSatisfy { $0.isFinite }, "\(parameter.name)")
        }
    }

    @Test(arguments: quickNames) func `A seed decides its weights`(_ name: String) throws {
        let variant = try Architectures.variant(named: name)
        let graphs = [1, 1, 2].map { variant.graph(classCount: 2, weights: .random(seed: $0)) }
        #expect(graphs[0] == graphs[1])
        #expect(graphs[0] != graphs[2])
    }

    @Test func `The teacher has more than ten times the student's parameters`() throws {
        let student = Self.parameterCount(try Architectures.variant(named: "simple_cnn").graph())
        let teacher = Self.parameterCount(try Architectures.variant(named: "wide_cnn").graph())
        #expect(student == 21_840)
        #expect(teacher >= 10 * student)
    }

    @Test func `Names are unique, and an unknown one is answered with those there are`() {
        #expect(Set(Self.names).count == Self.names.count)
        let error = #expect(throws: NetworkError.self) { try Architectures.variant(named: "huge_cnn") }
        #expect(error?.code == .unknownArchitecture)
        #expect(error?.message.contains("simple_cnn") == true)
    }

    @Test func `Weights lie within PyTorch's bounds`() throws {
        let graph = try Architectures.variant(named: "simple_cnn").graph()
        for (layer, fanIn) in [("conv1", 25), ("conv2", 250), ("fc1", 320), ("fc2", 50)] {
            let bound = 1 / Float(fanIn).squareRoot()
            for part in ["weight", "bias"] {
                let value = try #require(graph.value(named: "\(layer).\(part)"))
                let numbers = try #require(graph.constants[value]).elements(of: Float.self)
                #expect(numbers.allSatisfy { abs($0) <= bound })
                #expect(numbers.contains { abs($0) > bound / 2 })
            }
        }
    }
}
