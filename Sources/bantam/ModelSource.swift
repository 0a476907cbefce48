import BantamCompression
import BantamGraph
import BantamMedia
import BantamONNX
import BantamTraining

/// A model file together with the data a command was given for it.
struct ModelSource {
    var path: String
    var graph: Graph
    var facts: ModelFacts

    /// - Parameter chosen: Overrides what the model says of itself.
    init(_ path: String, chosen: ModelFacts = ModelFacts()) throws {
        self.path = path
        graph = try ONNXFile.read(path).graph
        do throws(GraphError) {
            try Verifier.verify(graph)
            // Sizes that are computed inside would not follow when channels go.
            try Passes.training.run(on: &graph)
        } catch {
            throw error.located(inFile: path)
        }
        facts = chosen.overriding(try ModelFacts(of: graph, file: path))
    }

    /// Opens a split of a data set with the model's own preprocessing, or with one fitted to the data.
    ///
    /// - Throws: What opening and ``labelled(_:_:)`` throw. Data without labels are accepted.
    func data(at location: String, split: DatasetSplit) throws -> TrainingData {
        let dataset = try labelled(try DatasetLocation.open(location, split: split), location)
        if let preprocessing = facts.preprocessing { return TrainingData(dataset, preprocessing: preprocessing) }
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
            let classNames = data.isLabelled ? data.dataset.classNames : facts.classNames
            let takesBytes = changed.inputs.first?.dtype == .uint8
            let preprocessing = takesBytes ? data.preprocessing.leavingBytes : data.preprocessing
            try ModelFacts(preprocessing: preprocessing, classNames: classNames).store(in: &changed)
        }
        do throws(GraphError) {
            try Verifier.verify(changed, rules: Verifier.rules + [.requireFiniteWeights])
        } catch {
            throw error.located(inFile: output)
        }
        try ONNXFile.write(changed, to: output)
    }

    /// The data set with labels that count the model's outputs: by name where both sides' names agree, else as they
    /// come, if there are as many. Data without labels stay as they are.
    ///
    /// - Throws: `noClassifier`; `labelCount`; `classMismatch` when the model's classes are not the data's.
    func labelled(_ dataset: any Dataset, _ location: String) throws -> any Dataset {
        guard dataset.isLabelled else { return dataset }
        let types = try ShapeInference(of: graph)
        guard let output = graph.outputs.first, let shape = types[output]?.shape, shape.rank >= 2 else {
            throw CommandError.noClassifier(path)
        }
        let names = facts.classNames
        guard names.isEmpty || names.count == shape[1] else {
            throw CommandError.labelCount(path, names: names.count, classes: shape[1])
        }
        if names != dataset.classNames, let relabeled = dataset.relabeled(as: names) { return relabeled }
        guard shape[1] == dataset.classNames.count else {
            throw CommandError.classMismatch(
                path, outputs: shape[1], classes: dataset.classNames, data: location, names: names)
        }
        return dataset
    }
}
