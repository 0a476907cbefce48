public import BantamGraph
public import BantamTraining

/// A trained model as the teacher of a step, under the name that the step gives it.
public struct TeacherModel {
    /// It takes one sample in a batch, and gives logits of the classes in the student's order.
    public var graph: Graph
    /// The samples that the student learns from, in the same order, as this model takes them: of a size and normalization
    /// that may differ from the student's. `nil` where it takes what the student takes.
    public var data: TrainingData?

    public init(_ graph: Graph, data: TrainingData? = nil) {
        self.graph = graph
        self.data = data
    }
}
