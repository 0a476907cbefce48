import BantamEdge
import BantamGraph
import BantamModel
import BantamStage
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamPipeline

@Suite struct LiveTeacherTests {
    private let samples = BandSamples(count: 12)

    /// Of all samples, five at a time.
    private func answers(of teacher: any LiveTeacher) throws -> [TensorData] {
        var answers: [TensorData] = []
        try samples.data().batches(size: 5).forEachBatch(epoch: 0) { batch in
            answers.append(try teacher.answers(to: batch).data())
        }
        return answers
    }

    @Test(arguments: [nil, 1, 3, 4]) func `A runtime answers as libtorch does, whatever batch the model insists on`(
        size: Int?
    ) throws {
        let graph = samples.classifier()
        var fixed = graph
        if let size {
            fixed.setInputDimensions([.fixed(size)] + graph.inputs[0].dimensions.dropFirst(), ofInput: 0)
        }
        let expected = try answers(of: NetworkTeacher(graph))
        let found = try answers(of: RuntimeTeacher(fixed, runtime: OpenVINORuntime(threads: 1)))
        #expect(found.map(\.shape) == [[5, 3], [5, 3], [2, 3]])
        for (found, expected) in zip(found, expected) {
            #expect(found.difference(from: expected, tolerance: 1e-4) == nil)
        }
    }

    /// Takes no model, or fails on each.
    private struct PoorRuntime: Runtime {
        var error: EdgeError

        func load(_ graph: Graph, precision: ArithmeticPrecision) throws -> any Executable { throw error }
        func observe(
            _ observations: [Observation], in graph: Graph, next: () throws -> TensorData?,
            show: (Int, TensorData, Int) throws -> Void
        ) throws { throw error }
        func batchSize(for graph: Graph, observing observations: [Observation]) -> Int { 1 }
    }

    @Test func `What a runtime does not take libtorch runs, and a missing library is an error`() throws {
        let graph = samples.classifier()
        func teacher(_ code: EdgeErrorCode) throws -> any LiveTeacher {
            try StepRunner(
                data: try samples.data(), in: StageContext(runtime: PoorRuntime(error: EdgeError(code, "no")))
            )
            .liveTeacher(graph)
        }
        #expect(try teacher(.unsupportedModel) is NetworkTeacher && teacher(.shapeMismatch) is NetworkTeacher)
        #expect(throws: EdgeError.self) { _ = try teacher(.missingLibrary) }
        let runner = StepRunner(data: try samples.data(), in: StageContext(runtime: OpenVINORuntime()))
        #expect(try runner.liveTeacher(graph) is RuntimeTeacher)
    }
}
