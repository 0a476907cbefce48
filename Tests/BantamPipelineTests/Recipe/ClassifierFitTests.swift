import BantamGraph
import BantamModel
import BantamPipeline
import BantamTraining
import Testing

/// What a training does first with a model whose classifier is new and whose other layers have learned.
@Suite struct ClassifierFitTests {
    private let samples = BandSamples(count: 120)

    /// A model that has learned, with another classifier.
    private func model() throws -> Graph {
        let trained = try StepRunner(data: samples.data()).perform(
            .train(.quick(epochs: 6)), on: samples.classifier(width: 12)
        ).graph
        var graph = trained
        let fresh = samples.classifier(seed: 99, width: 12)
        for name in ["fc.weight", "fc.bias"] {
            let (value, other) = (try #require(graph.value(named: name)), try #require(fresh.value(named: name)))
            graph.setConstant(value, to: try #require(fresh.constants[other]))
        }
        return graph
    }

    private func configuration(epochs: Int = 1) -> TrainingConfiguration {
        var configuration = TrainingConfiguration.quick(epochs: epochs)
        configuration.rateAfterClassifierFit = 0.01
        configuration.keepsBest = true
        return configuration
    }

    @Test func `A new classifier is fitted before the other layers learn`() throws {
        let graph = try model()
        var events: [TrainingEvent] = []
        let outcome = try StepRunner(data: samples.data(heldOut: 0.25)).perform(.train(configuration()), on: graph) {
            events.append($0)
        }
        let record = try #require(outcome.training?.classifierFit)
        #expect(record.accuracyAfter > record.accuracyBefore && record.accuracyAfter > 0.8 && record.heldOut == 30)
        #expect(events.first == .classifierFitted(record))
        #expect(outcome.training?.history.first?.heldOutAccuracy == record.accuracyAfter)
        #expect(outcome.notes.contains { $0.hasPrefix("the classifier answered at chance and was fitted first") })
        let rates = events.compactMap { if case .stepEnded(_, _, _, let rate) = $0 { rate } else { nil } }
        #expect(rates.allSatisfy { $0 <= 0.01 })
    }

    @Test func `The fit changes the classifier and nothing else`() throws {
        let graph = try model()
        let (training, heldOut) = try samples.data(heldOut: 0.25).settingAside()
        let objective = CrossEntropy(task: .classification(classes: 3, .logits))
        let fit = try #require(ClassifierFit(objective, device: .cpu, configuration()))
        let judges = try #require(heldOut)
        let fitted = try #require(try fit.fitted(graph, to: training, heldOut: judges)).graph
        let changed = (graph.parameters + graph.statistics).filter { graph.constants[$0] != fitted.constants[$0] }
        #expect(Set(changed.map { graph[$0].name }) == ["fc.weight", "fc.bias"])
    }

    @Test func `A model that knows its classes is trained as it is`() throws {
        let trained = try StepRunner(data: samples.data()).perform(
            .train(.quick(epochs: 6)), on: samples.classifier(width: 12)
        ).graph
        let outcome = try StepRunner(data: samples.data()).perform(.train(configuration()), on: trained)
        #expect(outcome.training?.classifierFit == nil && !outcome.notes.contains { $0.contains("classifier") })
    }

    @Test func `A model of which no layer has learned is trained as a whole`() throws {
        let outcome = try StepRunner(data: samples.data()).perform(.train(configuration()), on: samples.classifier())
        #expect(outcome.training?.classifierFit == nil)
    }
}
