import BantamCompression
import BantamGraph
import BantamMedia
import BantamONNX
import BantamTraining

/// A model file together with the data a command was given for it.
struct ModelSource {
    var path: String
    var graph: Graph
    var facts: ModelFacts?

    /// - Parameter preprocessing: Overrides what the model says.
    init(_ path: String, preprocessing: Preprocessing? = nil) throws {
        self.path = path
        graph = try ONNXFile.read(path).graph
        do throws(GraphError) {
            try Verifier.verify(graph)
        } catch {
            throw error.located(inFile: path)
        }
        facts = try ModelFacts(of: graph, file: path)
        if let preprocessing { facts = ModelFacts(preprocessing: preprocessing, classNames: facts?.classNames ?? []) }
    }

    /// Opens a split of a data set with the model's own preprocessing, or with one fitted to the data.
    func data(at location: String, split: DatasetSplit) throws -> TrainingData {
        let dataset = try DatasetLocation.open(location, split: split)
        try check(dataset, location)
        if let facts { return TrainingData(dataset, preprocessing: facts.preprocessing) }
        guard let input = graph.inputs.first else { throw CommandError.noInput(path) }
        let shape = Shape(input.shape().dimensions.dropFirst())
        // Fitted to what a training would see, whichever split is asked for.
        let training = split == .train ? dataset : try DatasetLocation.open(location, split: .train)
        return TrainingData(dataset, preprocessing: try Preprocessing.fitted(to: training, inputShape: shape))
    }

    /// - Throws: `quantizedModel` when weights are stored as integers already.
    func requireFloatWeights() throws {
        let integerOperators: Set = ["DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger"]
        if let node = graph.nodes.values.first(where: { integerOperators.contains($0.operatorName) }) {
            throw CommandError.quantizedModel(path, node: node.label)
        }
    }

    /// Writes a changed graph with the facts of the data it was made for.
    func write(_ changed: Graph, to output: String, data: TrainingData?, steps: [Recipe.Step]) throws {
        var changed = changed
        changed.metadata[ModelMetadata.record] = try ModelHistory(of: graph).adding(steps).json()
        if let data {
            try ModelFacts(preprocessing: data.preprocessing, classNames: data.dataset.classNames).store(in: &changed)
        }
        do throws(GraphError) {
            try Verifier.verify(changed, rules: Verifier.rules + [.requireFiniteWeights])
        } catch {
            throw error.located(inFile: output)
        }
        try ONNXFile.write(changed, to: output)
    }

    /// - Throws: `noClassifier`; `classMismatch` when the model and the data have not as many classes.
    func check(_ dataset: any Dataset, _ location: String) throws {
        let types = try ShapeInference(of: graph)
        guard let output = graph.outputs.first, let shape = types[output]?.shape, shape.rank >= 2 else {
            throw CommandError.noClassifier(path)
        }
        guard shape[1] == dataset.classNames.count else {
            throw CommandError.classMismatch(
                path, outputs: shape[1], classes: dataset.classNames.count, data: location)
        }
    }
}
