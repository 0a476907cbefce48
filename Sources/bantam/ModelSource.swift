import BantamEdge
import BantamGraph
import BantamMedia
import BantamModel
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
    /// Whether the model is about to learn the data's classes in place of its own, which may then have other names.
    var learnsClasses = false
    /// What stays together where the data are divided.
    var groups: SampleGroups?
    /// The batch that the file fixes and the graph leaves free; `nil` where the two are alike.
    private var freedBatch: Int?
    /// What was changed on reading, a sentence each.
    private let readingNotes: [String]
    /// The input as the file leaves it free, where sizes are bound to work on it.
    private var freeInput: [InputDimension]?

    /// - Parameter chosen: Overrides what the model says of itself.
    init(_ path: String, chosen: ModelFacts = ModelFacts()) throws {
        self.path = path
        var file = try ONNXFile.read(path)
        readingNotes = try file.normalize()
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
        var notes = readingNotes
        if freeInput != nil, let size = graph.inputs.first?.shape() {
            notes.append("the input's height and width are free: figures are for \(size.description(from: 1))")
        }
        if let freedBatch { notes.append("the batch, fixed at \(freedBatch) in the file, is left free") }
        if removedShuffles > 0 {
            let shuffles = removedShuffles == 1 ? "a channel shuffle" : "\(removedShuffles) channel shuffles"
            notes.append("\(shuffles) removed: that has a part in the speed, and none in the answers")
        }
        return notes
    }

    /// A convention with a name, for the size of this model's input.
    func adapted(_ preset: Preprocessing) -> Preprocessing {
        let image = graph.imageInput()
        let (width, height) = (image?.width?.fixedSize, image?.height?.fixedSize)
        var preset = preset
        if image?.isChannelsLast ?? false { preset.layout = .channelsLast }
        return preset.adapted(
            to: width.flatMap { width in height.map { ImageExtent(width: width, height: $0) } },
            frameCount: image?.frames?.fixedSize)
    }

    /// Opens a split of a data set with the model's own preprocessing, or with one fitted to the data.
    ///
    /// Class folders without parts are divided where the model's classes are theirs; else they are samples without labels.
    ///
    /// - Parameters:
    ///   - needsLabels: Whether classes that are not the model's are an error; else they are left out of account.
    ///   - skipsDamaged: Whether files that cannot be decoded are left out; `nil` where nothing is checked beforehand.
    /// - Throws: What opening and ``labelled(_:_:)`` throw, and ``requireInput(from:)``. Data without labels are accepted.
    func data(
        at location: String, split: DatasetSplit, needsLabels: Bool = true, skipsDamaged: Bool? = nil
    ) throws -> TrainingData {
        var dataset = try opened(location, split: split, needsLabels: needsLabels)
        if let skipsDamaged {
            let check = try dataset.checked(threads: Processor.count)
            if skipsDamaged { dataset = dataset.withoutDamaged(check) } else { try check.requireSound() }
        }
        var data = TrainingData(
            dataset, preprocessing: try preprocessing(for: location, training: split == .train ? dataset : nil))
        try requireInput(from: data)
        noteGuess(in: data.notes)
        guard split == .train else { return data }
        if data.isLabelled { data.validation = try validation(at: location) }
        data.groups = try groups.map { try $0.groups(of: dataset, in: location) }
        return data
    }

    /// The validation part, where the data have one with labels of the model's classes.
    func validation(at location: String) throws -> (any Dataset)? {
        guard let part = try DatasetLocation.validation(of: location), part.isLabelled else { return nil }
        return try labelled(part, location)
    }

    /// A folder of class folders of the model's classes, to validate on.
    func validation(in folder: String) throws -> any Dataset {
        try labelled(try ImageFolder(undivided: folder), folder)
    }

    private func opened(_ location: String, split: DatasetSplit, needsLabels: Bool) throws -> any Dataset {
        let plain = try DatasetLocation.open(location, split: split)
        guard !plain.isLabelled, needsLabels else {
            do {
                return try labelled(plain, location)
            } catch {
                guard !needsLabels else { throw error }
                return UnlabelledDataset(plain)
            }
        }
        let divided = try DatasetLocation.open(
            location, split: split, undivided: .divided(seed: Self.divisionSeed), groups: groups)
        guard divided.isLabelled, try task(on: divided).classCount != nil else { return plain }
        do {
            return try labelled(divided, location)
        } catch {
            return plain
        }
    }

    /// One for all commands, whatever their seed: what one trains on must not be what another tests on.
    static let divisionSeed: UInt64 = 0

    /// How the model wants its samples: its own preprocessing, or one fitted to the data. A model of integers is given
    /// the pixels as they are.
    ///
    /// - Parameter training: The training split, if it is open already.
    func preprocessing(for location: String, training: (any Dataset)? = nil) throws -> Preprocessing {
        guard let input = graph.inputs.first, graph.inputs.count == 1 else {
            throw CommandError.inputCount(path, graph.inputs.count)
        }
        let takesBytes = input.dtype == .uint8
        if let preprocessing = facts.preprocessing {
            return takesBytes ? preprocessing.asBytes : preprocessing
        }
        let isChannelsLast = graph.imageInput()?.isChannelsLast ?? false
        let shape = Shape(input.shape().dimensions.dropFirst())
        // Fitted to what a training would see, whichever split is asked for.
        let training = try training ?? DatasetLocation.open(location, split: .train)
        return try Preprocessing.fitted(
            to: training, inputShape: shape, layout: isChannelsLast ? .channelsLast : .channelsFirst,
            elementType: takesBytes ? .uint8 : .float32)
    }

    /// Says that samples are prepared as nobody told, and may be other ones than the model was trained on.
    func noteGuess(in notes: MediaNotes) {
        guard facts.preprocessing == nil, !learnsClasses, graph.inputs.first?.dtype == .float32 else { return }
        notes.add(
            MediaNote(
                file: path, kind: .guessedPreprocessing,
                message:
                    "nothing says how it wants its samples, which are normalized by their own mean and deviation: if it "
                    + "was trained with others, give --preprocessing."))
    }

    /// Checks that the model takes one input, of the shape that the first sample has.
    ///
    /// - Throws: `noClassifier`; `sampleMismatch`; what reading the sample throws.
    func requireInput(from data: TrainingData) throws {
        guard let input = graph.inputs.first, graph.inputs.count == 1 else {
            throw CommandError.inputCount(path, graph.inputs.count)
        }
        guard let shape = try data.batches(of: [0], size: 1).next()?.inputs.shape else { return }
        let sizes = Array(shape.dimensions.dropFirst())
        let expected = input.dimensions.dropFirst()
        guard sizes.count == expected.count, zip(sizes, expected).allSatisfy({ $1.fixedSize ?? $0 == $0 }) else {
            let text = expected.map { $0.fixedSize.map(String.init) ?? "?" }.joined(separator: ", ")
            throw CommandError.sampleMismatch(path, sample: Shape(sizes), expected: "[\(text)]")
        }
    }

    /// - Throws: `quantizedModel` when weights are stored as integers already.
    func requireFloatWeights() throws {
        do throws(CompressionError) {
            try graph.requireNotQuantized()
        } catch {
            throw error.located(inFile: path)
        }
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
    private func documented(_ changed: Graph, data: TrainingData?, steps: [Recipe.Step]) throws -> Graph {
        var changed = changed
        changed.metadata[ModelMetadata.record] = try ModelHistory(of: graph).adding(steps).json()
        if let data {
            let classNames = data.isLabelled ? data.dataset.classNames : facts.classNames
            let takesBytes = changed.inputs.first?.dtype == .uint8
            let preprocessing = takesBytes ? data.preprocessing.asBytes : data.preprocessing
            try ModelFacts(preprocessing: preprocessing, classNames: classNames).store(in: &changed)
        }
        return changed
    }

    /// A changed graph as it will be written, documented and checked.
    ///
    /// - Throws: What the verifier finds, by the name of the file to write.
    func finished(_ changed: Graph, for output: String, data: TrainingData?, steps: [Recipe.Step]) throws -> Graph {
        try Self.checked(freeing(try documented(changed, data: data, steps: steps)), for: output)
    }

    /// A graph made from this one with the sizes free again that ``bindSizes(to:)`` bound.
    func freeing(_ changed: Graph) -> Graph {
        guard let freeInput else { return changed }
        var changed = changed
        changed.setInputDimensions([changed.inputs[0].dimensions[0]] + freeInput.dropFirst(), ofInput: 0)
        return changed
    }

    /// A graph as it will be written.
    ///
    /// - Throws: What the verifier finds, by the name of the file to write.
    static func checked(_ graph: Graph, for output: String) throws -> Graph {
        var changed = graph
        do throws(GraphError) {
            // Other programs that run the file on OpenVINO must get right results, too.
            try Passes.openVINO.run(on: &changed)
            try Verifier.verify(changed, rules: Verifier.rules + [.requireFiniteWeights])
        } catch {
            throw error.located(inFile: output)
        }
        return changed
    }

    /// Binds free heights and widths to those of the samples, or to what such a model usually takes, since MACs and memory
    /// depend on them; ``finished(_:for:data:steps:)`` frees them again.
    ///
    /// - Throws: What reading a sample throws.
    mutating func bindSizes(to data: TrainingData?) throws {
        guard let input = graph.inputs.first, Self.leavesSizesFree(graph) else { return }
        var sizes = input.dimensions
        if let shape = try data?.batches(of: [0], size: 1).next()?.inputs.shape, shape.rank == sizes.count {
            for axis in 1..<sizes.count { sizes[axis] = .fixed(shape[axis]) }
        } else {
            guard let usual = try Self.usualSizes(of: graph) else { return }
            sizes = [sizes[0]] + usual.dimensions.dropFirst().map { .fixed($0) }
        }
        freeInput = input.dimensions
        graph.setInputDimensions(sizes, ofInput: 0)
    }

    /// The input's dimensions where sizes that the file leaves free are bound; `nil` where they are not.
    var boundInput: [InputDimension]? { freeInput == nil ? nil : graph.inputs.first?.dimensions }

    private static func leavesSizesFree(_ graph: Graph) -> Bool {
        guard let input = graph.inputs.first, graph.inputs.count == 1, input.dimensions.count >= 4 else { return false }
        return input.dimensions.dropFirst().contains { $0.fixedSize == nil }
    }

    /// The input with each free size at the first of 224 and the like that the model takes.
    ///
    /// - Returns: `nil` where the graph leaves none free, or takes none of those that are tried.
    static func usualSizes(of graph: Graph) throws(GraphError) -> Shape? {
        guard let input = graph.inputs.first, leavesSizesFree(graph) else { return nil }
        let names = Set(input.dimensions.dropFirst().compactMap(\.name))
        for size in [224] + ShapeInference.usualSizes {
            let sizes = Dictionary(uniqueKeysWithValues: names.map { ($0, size) })
            do throws(GraphError) {
                _ = try ShapeInference(of: graph, sizes: sizes)
                return input.shape(sizes: sizes)
            } catch {
                continue
            }
        }
        return nil
    }

    /// What the outputs mean.
    ///
    /// - Parameter data: What else knows how many classes there are.
    func task(on data: (any Dataset)? = nil) throws -> TaskDescription {
        let known = facts.classNames.isEmpty ? data?.classNames.count : facts.classNames.count
        return try TaskDescription(of: graph, knownClasses: known == 0 ? nil : known)
    }

    /// Leaves the batch free that the file fixes, where each sample is then computed as by itself.
    ///
    /// - Throws: What running the model throws.
    mutating func freeBatch() throws {
        guard let batch = graph.inputs.first?.dimensions.first?.fixedSize, let freed = try graph.freeingBatch(),
            try BatchIndependence.holds(for: freed, insteadOf: graph)
        else { return }
        graph = freed
        freedBatch = batch
    }

    /// The data set with labels that count the model's outputs, by name where the model's classes have names. Data without
    /// labels stay as they are, and so do those for a model that tells no classes apart.
    ///
    /// - Throws: `labelCount`; `classMismatch` when the model's classes are not the data's.
    func labelled(_ dataset: any Dataset, _ location: String) throws -> any Dataset {
        guard dataset.isLabelled, let classes = try task(on: dataset).classCount else { return dataset }
        let names = facts.classNames
        guard names.isEmpty || names.count == classes else {
            throw CommandError.labelCount(path, names: names.count, classes: classes)
        }
        if names == dataset.classNames { return dataset }
        if let relabeled = dataset.relabeled(as: names) { return relabeled }
        guard names.isEmpty || learnsClasses, classes == dataset.classNames.count else {
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
