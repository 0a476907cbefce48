import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import BantamTraining
import Testing

@testable import BantamDistillation
@testable import BantamLayerwise
@testable import BantamPruning

@Suite struct FeatureMatchingTests {
    private func batch(of graph: Graph, count: Int = 3) throws -> TrainingBatch {
        var random = SeededGenerator(seed: 1)
        let input = TensorData.random(graph.inputs[0].shape(defaultSize: count), from: &random)
        return TrainingBatch(
            inputs: try Tensor(input), labels: try Tensor(TensorData([count], [Int64](repeating: 0, count: count))),
            indices: Array(0..<count))
    }

    /// A model that has lost these channels of a layer's group.
    private func pruned(
        _ graph: Graph, removing channels: [Int], of label: String
    ) throws -> (graph: Graph, marks: ChannelMarks) {
        let groups = try ChannelGroups(of: graph).groups
        let index = try #require(groups.firstIndex { $0.label.hasPrefix(label) && $0.isPrunable })
        let plan = StructuredPruning.Plan(
            quantity: .macs, channelMultiple: 1, before: 0, after: 0, attention: .headDimensions,
            groups: [
                .init(
                    index: index, label: groups[index].label, channels: groups[index].channelCount, removed: channels)
            ], obstacles: [])
        var (copy, marks) = (graph, try ChannelMarks(graph))
        try StructuredPruning.apply(plan, to: &copy)
        try marks.apply { try StructuredPruning.apply(plan, to: &$0) }
        return (copy, marks)
    }

    private func loss(
        of student: Graph, from teacher: Graph, _ marks: ChannelMarks, weight: Double, on batch: TrainingBatch
    ) throws -> Tensor {
        let distillation = Distillation(.init(alpha: 1), teacher: try NetworkTeacher(teacher))
        let features = try FeatureMatching.Feature.stageEnds(of: teacher, in: student, marks)
        let objective = FeatureMatching(
            distillation, teacher: try NetworkTeacher(teacher), features: features, weight: weight)
        let result = try Network(student).forward([batch.inputs], mode: .inference, taps: objective.taps)
        return try objective.loss(of: result, on: batch)
    }

    @Test func `A stage ends in its last sum, behind the Relu`() throws {
        let graph = TinyGraphs.residual()
        let (pruned, marks) = try pruned(graph, removing: [1], of: "conv1")
        let features = try FeatureMatching.Feature.stageEnds(of: graph, in: pruned, marks)
        let sum = try #require(graph.nodes.values.first { $0.name == "add" }?.mainOutput)
        let readers = graph.consumers(of: sum).map { graph[$0] }
        let expected = readers.count == 1 && readers[0].operatorName == "Relu" ? readers[0].mainOutput : sum
        #expect(features.map(\.value) == [try #require(expected)])
        #expect(features[0].axis == 1 && features[0].channels == nil)
    }

    @Test func `A residual model of three resolutions has three`() throws {
        let graph = try Architectures.variant(named: "cifar_resnet20").graph()
        let features = try FeatureMatching.Feature.stageEnds(of: graph, in: graph, try ChannelMarks(graph))
        let types = try ShapeInference(of: graph)
        #expect(
            features.compactMap { types[$0.value]?.shape.dimensions.dropFirst() } == [
                [16, 32, 32], [32, 16, 16], [64, 8, 8],
            ])
        #expect(features.allSatisfy { graph.producer(of: $0.value)?.operatorName == "Relu" })
    }

    @Test func `Without sums it is layers that end stages`() throws {
        let graph = TinyGraphs.chain()
        let features = try FeatureMatching.Feature.stageEnds(of: graph, in: graph, try ChannelMarks(graph))
        #expect(!features.isEmpty)
        #expect(features.allSatisfy { graph.producer(of: $0.value) != nil && !graph.isOutput($0.value) })
    }

    @Test func `Of a pruned sum the teacher's remaining channels are compared`() throws {
        let graph = TinyGraphs.residual()
        let (pruned, marks) = try pruned(graph, removing: [1], of: "stem")
        let features = try FeatureMatching.Feature.stageEnds(of: graph, in: pruned, marks)
        #expect(features.map(\.channels) == [[0, 2, 3]])
        let numbers = try Tensor(TensorData([1, 4], [5, 6, 7, 8] as [Float]))
        #expect(try features[0].kept(of: numbers).data().elements(of: Float.self) == [5, 7, 8])
    }

    @Test func `The original differs in nothing from itself`() throws {
        let graph = TinyGraphs.residual()
        let batch = try batch(of: graph)
        let loss = try loss(of: graph, from: graph, try ChannelMarks(graph), weight: 10, on: batch)
        #expect(abs(try loss.item()) < 1e-5)
    }

    @Test func `The weight counts the mean share of the features that is wrong`() throws {
        let graph = TinyGraphs.residual()
        let (pruned, marks) = try pruned(graph, removing: [0, 2], of: "conv1")
        let batch = try batch(of: graph)
        let features = try FeatureMatching.Feature.stageEnds(of: graph, in: pruned, marks)
        let errors = try features.map { feature in
            let left = try #require(
                try Network(graph).forward([batch.inputs], taps: [feature.value]).taps[feature.value])
            let right = try #require(
                try Network(pruned).forward([batch.inputs], taps: [feature.value]).taps[feature.value])
            return try right.detached().relativeError(from: try feature.kept(of: left.detached()))
        }
        let expected = errors.reduce(0, +) / Double(errors.count)
        #expect(expected > 0)
        let answers = try loss(of: pruned, from: graph, marks, weight: 0, on: batch).item()
        let both = try loss(of: pruned, from: graph, marks, weight: 4, on: batch)
        #expect(abs(try both.item() - answers - 4 * expected) < 1e-4 * (1 + answers))
        #expect(both.requiresGradient)
    }

    @Test func `Of a feature that is zero everywhere the error counts as it is`() throws {
        let graph = TinyGraphs.residual()
        var dead = graph
        for value in dead.parameters {
            guard let type = dead.constants[value]?.type else { continue }
            dead.setConstant(value, to: TensorData(type.shape, [Float](repeating: 0, count: type.shape.elementCount)))
        }
        let marks = try ChannelMarks(graph)
        let batch = try batch(of: graph)
        let feature = try #require(FeatureMatching.Feature.stageEnds(of: dead, in: graph, marks).first?.value)
        let found = try #require(try Network(graph).forward([batch.inputs], taps: [feature]).taps[feature])
        let square = try found.detached().meanSquare().item()
        #expect(square > 0)
        let answers = try loss(of: graph, from: dead, marks, weight: 0, on: batch).item()
        let both = try loss(of: graph, from: dead, marks, weight: 3, on: batch).item()
        #expect(abs(both - answers - 3 * square) < 1e-4 * (1 + both))
    }
}
