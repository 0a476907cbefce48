import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTraining
import FoundationEssentials
import Testing

@Suite struct LayerFreezeTests {
    private let problem = BandProblem()

    /// The names of the parameters that a training has changed.
    private func changed(_ change: (inout TrainingConfiguration) -> Void) throws -> Set<String> {
        var configuration = TrainingConfiguration.quick(epochs: 1)
        change(&configuration)
        let graph = problem.graph()
        let network = try Network(graph, frozen: try configuration.frozenParameters(of: graph))
        _ = try Trainer(network, objective: CrossEntropy(), configuration: configuration).fit(to: problem)
        let trained = try network.snapshot()
        return Set(graph.parameters.filter { graph.constants[$0] != trained.constants[$0] }.map { graph[$0].name })
    }

    @Test func `Of a frozen backbone only the classifier learns`() throws {
        let all = Set(problem.graph().parameters.map { problem.graph()[$0].name })
        #expect(try changed { _ in } == all)
        #expect(try changed { $0.freeze = .backbone } == ["fc.weight", "fc.bias"])
    }

    @Test func `Layers up to a node keep their weights, and those behind it learn`() throws {
        #expect(try changed { $0.freeze = .upTo("conv") } == ["bn.weight", "bn.bias", "fc.weight", "fc.bias"])
    }

    @Test func `A node that there is not, or nothing left to learn, is an error`() throws {
        var configuration = TrainingConfiguration.quick()
        configuration.freeze = .upTo("nowhere")
        let unknown = #expect(throws: TrainingError.self) { try configuration.frozenParameters(of: problem.graph()) }
        #expect(unknown?.code == .unknownLayer && unknown?.message.contains("nowhere") == true)
        configuration.freeze = .upTo("fc")
        #expect(throws: TrainingError.self) { try configuration.frozenParameters(of: problem.graph()) }
    }

    @Test func `The backbone's rate is a part of the classifier's`() throws {
        func step(_ backboneRate: Double) throws -> (backbone: Float, classifier: Float) {
            var configuration = TrainingConfiguration.quick(
                epochs: 1, rate: 0.1, optimizer: .sgd(momentum: 0, weightDecay: 0))
            configuration.backboneRate = backboneRate
            var problem = problem
            problem.sampleCount = problem.batchSize
            let network = try problem.network()
            let before = try (network.numbers("conv.weight"), network.numbers("fc.weight"))
            _ = try Trainer(network, objective: CrossEntropy(), configuration: configuration).fit(to: problem)
            let after = try (network.numbers("conv.weight"), network.numbers("fc.weight"))
            func change(_ before: [Float], _ after: [Float]) -> Float {
                zip(before, after).map { abs($1 - $0) }.max() ?? 0
            }
            return (change(before.0, after.0), change(before.1, after.1))
        }
        let (whole, tenth) = try (step(1), step(0.1))
        #expect(abs(tenth.backbone / whole.backbone - 0.1) < 0.01)
        #expect(abs(tenth.classifier / whole.classifier - 1) < 0.01)
    }

    @Test func `Settings of earlier versions are read, and numbers that no training can have are not`() throws {
        func decoded(_ json: String) throws -> TrainingConfiguration {
            try JSONDecoder().decode(TrainingConfiguration.self, from: Data(json.utf8))
        }
        #expect(try decoded(#"{"epochs": 4}"#) == TrainingConfiguration(epochs: 4))
        for json in [
            #"{"epochs": 4611686018427387904}"#, #"{"epochs": 1, "batchSize": 0}"#,
            #"{"epochs": 1, "backboneRate": -1}"#,
        ] {
            #expect(throws: DecodingError.self) { try decoded(json) }
        }
    }
}
