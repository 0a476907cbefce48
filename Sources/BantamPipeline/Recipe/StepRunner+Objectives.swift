package import BantamGraph
import BantamMedia
package import BantamModel
import BantamTensor
import BantamTraining

extension StepRunner {
    /// What the model's outputs mean.
    package func task(of graph: Graph) throws -> TaskDescription {
        do throws(GraphError) {
            let classes = trainingData.flatMap { $0.isLabelled ? $0.dataset.classNames.count : nil }
            return try TaskDescription(of: graph, knownClasses: classes)
        } catch {
            throw CompressionError.invalidGraph(error)
        }
    }

    /// Labels alone.
    ///
    /// - Throws: `noScores` for a model that gives no class scores.
    func labels(of graph: Graph, _ training: TrainingConfiguration) throws -> CrossEntropy {
        let task = try task(of: graph)
        guard task != .unspecified else { throw CompressionError.noClassScores(of: graph.outputNames) }
        return CrossEntropy(
            labelSmoothing: training.labelSmoothing, task: task,
            classWeights: try classWeights(training, task.classCount ?? 0))
    }

    /// What the samples of each class count in the loss; `nil` for all alike.
    private func classWeights(_ training: TrainingConfiguration, _ classes: Int) throws -> Tensor? {
        guard training.balance == .weights, let data = trainingData, data.isLabelled else { return nil }
        let weights = ClassBalance.weights(labels: data.labels, classCount: classes)
        return try Tensor(TensorData([classes], weights.map { Float($0) }), device: device)
    }

    /// A teacher of another step, and labels where there are some; all of the teacher's outputs where they are no scores
    /// of classes.
    func objective(
        of graph: Graph, _ training: TrainingConfiguration, _ distillation: DistillationConfiguration,
        teacher name: String, _ observe: (TrainingEvent) throws -> Void
    ) throws -> any Objective {
        let task = try task(of: graph)
        let model = try teacher(name)
        let other = try self.task(of: model.graph)
        guard task != .unspecified, other != .unspecified else {
            try requireSameOutputs(graph, model.graph, teacher: name)
            if let teachers = model.data { try requireSameInput(teachers, name) }
            return OutputMatching(to: try liveTeacher(model.graph, training.precision))
        }
        guard task.classCount == other.classCount else {
            throw CompressionError.otherClassCount(task, teacher: name, teacherTask: other)
        }
        return Distillation(
            distillation, teacher: try teacher(named: name, for: training, observe),
            labelSmoothing: training.labelSmoothing, task: task,
            classWeights: try classWeights(training, task.classCount ?? 0))
    }

    /// The model as it was before a step, and labels where there are some.
    func objective(
        ofOriginal graph: Graph, _ training: TrainingConfiguration, _ distillation: DistillationConfiguration?
    ) throws -> any Objective {
        let task = try task(of: graph)
        guard task != .unspecified else {
            return OutputMatching(to: try liveTeacher(graph, training.precision))
        }
        guard let distillation else { return try labels(of: graph, training) }
        return Distillation(
            distillation, teacher: try liveTeacher(graph, training.precision).remembering(during: training),
            labelSmoothing: training.labelSmoothing,
            task: task, classWeights: try classWeights(training, task.classCount ?? 0))
    }

    private func requireSameOutputs(_ graph: Graph, _ teacher: Graph, teacher name: String) throws {
        func shapes(_ graph: Graph) throws -> [Shape] {
            let types = try ShapeInference(of: graph)
            return graph.outputs.compactMap { types[$0]?.shape }
        }
        let (own, others) = try (shapes(graph), shapes(teacher))
        guard own == others else { throw CompressionError.otherOutputs(own, teacher: name, teacherOutputs: others) }
    }

    /// - Throws: `otherPreprocessing`.
    func requireSameInput(_ teachers: TrainingData, _ name: String) throws {
        guard teachers.preprocessing.forOneInput == (try data()).preprocessing.forOneInput else {
            throw CompressionError.teacherSeesOtherwise(name)
        }
    }
}

extension Graph {
    fileprivate var outputNames: [String] { outputs.map { self[$0].name } }
}
