import BantamGraph
import BantamMedia
import BantamONNX
import BantamPipeline
import BantamTraining

/// A model file together with the data a command was given for it.
struct ModelSource {
    var path: String
    var graph: Graph
    var facts: ModelFacts
    let fileBytes: ByteCount
    /// Channel shuffles of the file that the graph goes without.
    let removedShuffles: Int

    /// - Parameter chosen: Overrides what the model says of itself.
    init(_ path: String, chosen: ModelFacts = ModelFacts()) throws {
        self.path = path
        let file = try ONNXFile.read(path)
        graph = file.graph
        fileBytes = file.header.fileBytes
        do throws(GraphError) {
            try Verifier.verify(graph)
            // Sizes that are computed inside would not follow when channels go.
            let steps = try Passes.training.run(on: &graph)
            removedShuffles = steps.first { $0.pass == RouteChannels.name }?.result.changes ?? 0
        } catch {
            throw error.located(inFile: path)
        }
        facts = chosen.overriding(try ModelFacts(of: graph, file: path))
        if let preset = chosen.preprocessing, InputOptions.isPreset(preset) {
            facts.preprocessing = adapted(preset)
        }
    }

    /// What was done on reading that shows in the speed of what is written.
    var notes: [String] {
        guard removedShuffles > 0 else { return [] }
        let shuffles = removedShuffles == 1 ? "a channel shuffle" : "\(removedShuffles) channel shuffles"
        return ["\(shuffles) wired away: that has a part in the speed, and none in the answers"]
    }

    /// A convention with a name, for the size of this model's input.
    private func adapted(_ preset: Preprocessing) -> Preprocessing {
        let sizes = graph.inputs.first?.dimensions.map(\.fixedSize) ?? []
        let extent = sizes.suffix(2).compactMap(\.self)
        return preset.adapted(
            to: sizes.count >= 4 && extent.count == 2 ? ImageExtent(width: extent[1], height: extent[0]) : nil,
            frameCount: sizes.count == 5 ? sizes[2] : nil)
    }

    /// Opens a split of a data set with the model's own preprocessing, or with one fitted to the data.
    ///
    /// - Parameter needsLabels: Whether classes that are not the model's are an error; else they are left out of account.
    /// - Throws: What opening and ``labelled(_:_:)`` throw, and ``requireInput(from:)``. Data without labels are accepted.
    func data(at location: String, split: DatasetSplit, needsLabels: Bool = true) throws -> TrainingData {
        let opened = try DatasetLocation.open(location, split: split)
        let dataset: any Dataset
        do {
            dataset = try labelled(opened, location)
        } catch {
            guard !needsLabels else { throw error }
            dataset = UnlabelledDataset(opened)
        }
        let data = TrainingData(
            dataset, preprocessing: try preprocessing(for: location, training: split == .train ? dataset : nil))
        try requireInput(from: data)
        return data
    }

    /// How the model wants its samples: its own preprocessing, or one fitted to the data.
    ///
    /// - Parameter training: The training split, if it is open already.
    func preprocessing(for location: String, training: (any Dataset)? = nil) throws -> Preprocessing {
        if let preprocessing = facts.preprocessing { return preprocessing }
        guard let input = graph.inputs.first else { throw CommandError.noInput(path) }
        let shape = Shape(input.shape().dimensions.dropFirst())
        // Fitted to what a training would see, whichever split is asked for.
        let training = try training ?? DatasetLocation.open(location, split: .train)
        return try Preprocessing.fitted(to: training, inputShape: shape)
    }

    /// Checks that the model takes one input, of the shape that the first sample has.
    ///
    /// - Throws: `noClassifier`; `sampleMismatch`; what reading the sample throws.
    func requireInput(from data: TrainingData) throws {
        guard let input = graph.inputs.first, graph.inputs.count == 1 else { throw CommandError.noInput(path) }
        guard let shape = try data.batches(of: [0], size: 1).next()?.inputs.shape else { return }
        let sizes = Array(shape.dimensions.dropFirst())
        let expected = input.dimensions.dropFirst()
        guard sizes.count == expected.count, zip(sizes, expected).allSatisfy({ $1.fixedSize ?? $0 == $0 }) else {
            let text = expected.map { $0.fixedSize.map(String.init) ?? "?" }.joined(separator: ", ")
            throw CommandError.sampleMismatch(path, sample: Shape(sizes), expected: "[\(text)]")
        }
    }

    /// How many classes the model tells apart.
    ///
    /// - Throws: `noClassifier` when its first output is not a list of scores.
    func classCount() throws -> Int {
        let types = try ShapeInference(of: graph)
        guard let output = graph.outputs.first, let shape = types[output]?.shape, shape.rank >= 2 else {
            throw CommandError.noClassifier(path)
        }
        return shape[1]
    }

    /// - Throws: `quantizedModel` when weights are stored as integers already.
    func requireFloatWeights() throws {
        let integerOperators: Set = ["DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger"]
        if let node = graph.nodes.values.first(where: { integerOperators.contains($0.operatorName) }) {
            throw CommandError.quantizedModel(path, node: node.label)
        }
        if let (weight, dtype) = graph.halfWeight { throw CommandError.halfModel(path, weight: weight, dtype) }
    }

    /// - Throws: what the verifier finds, by this file's name.
    func requireFiniteWeights() throws {
        do throws(GraphError) {
            try Verifier.verify(graph, rules: [.requireFiniteWeights])
        } catch {
            throw error.located(inFile: path)
        }
    }

    /// A graph made from this one, with the record of what was done and the facts of the data it was done with.
    func documented(_ changed: Graph, data: TrainingData?, steps: [Recipe.Step]) throws -> Graph {
        var changed = changed
        changed.metadata[ModelMetadata.record] = try ModelHistory(of: graph).adding(steps).json()
        if let data {
            let classNames = data.isLabelled ? data.dataset.classNames : facts.classNames
            let takesBytes = changed.inputs.first?.dtype == .uint8
            let preprocessing = takesBytes ? data.preprocessing.leavingBytes : data.preprocessing
            try ModelFacts(preprocessing: preprocessing, classNames: classNames).store(in: &changed)
        }
        return changed
    }

    /// Writes a changed graph, documented.
    func write(_ changed: Graph, to output: String, data: TrainingData?, steps: [Recipe.Step]) throws {
        let changed = try documented(changed, data: data, steps: steps)
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
        let classes = try classCount()
        let names = facts.classNames
        guard names.isEmpty || names.count == classes else {
            throw CommandError.labelCount(path, names: names.count, classes: classes)
        }
        if names != dataset.classNames, let relabeled = dataset.relabeled(as: names) { return relabeled }
        guard classes == dataset.classNames.count else {
            throw CommandError.classMismatch(
                path, outputs: classes, classes: dataset.classNames, data: location, names: names)
        }
        return dataset
    }
}

extension TrainingData {
    /// Some of the samples, in order.
    func batches(of indices: [Int], size: Int) throws -> BatchIterator {
        let part = TrainingData(DatasetSubset(dataset, indices: indices), preprocessing: preprocessing)
        return try part.batches(size: size).loader.batches(epoch: 0)
    }
}

extension Graph {
    /// The name and the type of a weight that is stored in half of float32's bits and widened while the model runs.
    fileprivate var halfWeight: (String, DType)? {
        for node in nodes.values where node.operatorName == "Cast" {
            guard let input = node.inputs.first ?? nil, let data = constants[input], data.shape.rank >= 2,
                [.float16, .bfloat16].contains(data.dtype), node.attributes["to"] == .int(DType.float32.onnxCode)
            else { continue }
            return (self[input].name, data.dtype)
        }
        return nil
    }
}
