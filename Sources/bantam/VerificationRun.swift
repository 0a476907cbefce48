import BantamEdge
import BantamGraph
import BantamMedia
import BantamPipeline
import BantamTensor
import BantamTraining
import FoundationEssentials

/// Runs an original and what was made from it over the same samples, in every way there is.
struct VerificationRun {
    private let original: ModelSource
    private let compressed: ModelSource
    private let location: String
    private let split: DatasetSplit
    /// All samples, as the original labels and takes them, and as the compressed model takes them.
    private let originalData: TrainingData
    private let compressedData: TrainingData
    /// The samples that layers are compared on.
    private let layerIndices: [Int]
    /// How many numbers each output has for a sample; `nil` for classifiers, of which scores are compared.
    private let widths: [Int]?
    private let common: CommonOptions
    private let console: Console

    /// Comparing more of them changes the figures little, and each takes all of a model's activations at once.
    private static let layerSamples = 32

    /// - Parameter chosen: What the user says of the original, and of the compressed model where it does not say it itself.
    /// - Throws: `otherOutputs`, `otherClasses`, `sampleMismatch` when the two, or the data, do not go together; what
    ///   opening them throws.
    init(
        original originalPath: String, compressed compressedPath: String, chosen: ModelFacts, data location: String,
        split: DatasetSplit, samples: Int?, common: CommonOptions, console: Console
    ) throws {
        var original = try ModelSource(originalPath, chosen: chosen)
        var compressed = try ModelSource(compressedPath)
        try Self.requireSameOutputs(original, compressed)
        compressed.facts = compressed.facts.overriding(original.facts)
        if original.facts.classNames.isEmpty { original.facts.classNames = compressed.facts.classNames }
        // What is fitted to the data for one of them holds for both.
        if compressed.facts.preprocessing == nil {
            compressed.facts.preprocessing = try original.preprocessing(for: location)
        }
        widths = try Self.outputWidths(of: original)
        self.original = original
        self.compressed = compressed
        self.location = location
        self.split = split
        self.common = common
        self.console = console
        // Chosen before labels are counted in the models' order, on which the choice would depend.
        let dataset = try DatasetLocation.open(location, split: split)
        let chosenSamples = dataset.limited(to: samples ?? dataset.count, seed: common.seed)
        layerIndices = chosenSamples.limited(to: Self.layerSamples, seed: common.seed).indices
        func data(of source: ModelSource) throws -> TrainingData {
            let data = TrainingData(
                try source.labelled(chosenSamples, location), preprocessing: try source.preprocessing(for: location))
            try source.requireInput(from: data)
            return data
        }
        originalData = try data(of: original)
        original.noteGuess(in: originalData.notes)
        compressedData = try data(of: compressed)
    }

    /// Whether right answers can be counted.
    var isLabelled: Bool { originalData.isLabelled && hasClasses }
    var hasClasses: Bool { widths == nil }

    /// Runs everything.
    func report(on instructionSets: [InstructionSet]) throws -> VerificationReport {
        let weights = try (WeightStorage(of: original.graph), WeightStorage(of: compressed.graph))
        return try OutputFolder.temporary { folder in
            // First what takes least, and what fails where the runtime cannot take a file.
            let before = try exportedScores(of: original, originalData, on: .native, in: folder, "original")
            var exported: [(set: InstructionSet, scores: ScoreFile)] = []
            for set in instructionSets {
                let name = "exported-\(exported.count)"
                exported.append((set, try exportedScores(of: compressed, compressedData, on: set, in: folder, name)))
            }
            let layers = try comparedLayers()
            console.note(filesOf: originalData)
            let simulated = try simulatedScores(in: folder)
            var runs = [
                run(.original, before, runtime: EdgeRuntime.name, on: .native),
                run(.simulated, simulated, runtime: "libtorch", from: try compared(simulated, before)),
            ]
            for (set, scores) in exported {
                runs.append(
                    run(
                        .exported, scores, runtime: EdgeRuntime.name, on: set, from: try compared(scores, before),
                        fromSimulated: try compared(scores, simulated)))
            }
            return VerificationReport(
                original: .init(path: original.path, fileBytes: original.fileBytes, weights: weights.0),
                compressed: .init(path: compressed.path, fileBytes: compressed.fileBytes, weights: weights.1),
                data: location, split: split.rawValue, samples: originalData.count, runs: runs,
                classes: exported.first.map { changes(before, $0.scores) } ?? [],
                layers: layers.samples == 0 ? [] : layers.layers, layerSamples: layers.samples)
        }
    }

    private static func requireSameOutputs(_ original: ModelSource, _ compressed: ModelSource) throws {
        let outputs = (original.graph.outputs.count, compressed.graph.outputs.count)
        guard outputs.0 == outputs.1 else {
            throw CommandError.otherOutputs(compressed.path, outputs.1, other: original.path, outputs.0)
        }
        let classes = try (original.task().classCount, compressed.task().classCount)
        if let before = classes.0, let after = classes.1, before != after {
            throw CommandError.otherClasses(compressed.path, after, other: original.path, before)
        }
        let names = (original.facts.classNames, compressed.facts.classNames)
        if let different = zip(names.0, names.1).first(where: { $0 != $1 }) {
            throw CommandError.otherClassNames(compressed.path, different.1, other: original.path, different.0)
        }
    }
}

// MARK: Running

extension VerificationRun {
    /// The numbers of each floating-point output for one sample; `nil` for a classifier.
    private static func outputWidths(of source: ModelSource) throws -> [Int]? {
        guard try source.task() == .unspecified else { return nil }
        let batch = source.graph.fixedBatchSize ?? 1
        let types = try ShapeInference(of: source.graph, sizes: source.graph.sizes(batch: batch))
        return source.graph.outputs.compactMap { types[$0] }.filter(\.dtype.isFloatingPoint).map {
            $0.shape.elementCount / batch
        }
    }

    private func compared(_ scores: ScoreFile, _ reference: ScoreFile) throws -> ScoreComparison {
        try scores.compared(with: reference, widths: widths)
    }

    private func comparedLayers() throws -> LayerComparison {
        var comparison = try LayerComparison(reference: original.graph, compressed: compressed.graph)
        let size = max(Simulation.smallestBatch(of: original.graph), Simulation.smallestBatch(of: compressed.graph))
        let progress = Progress("comparing \(comparison.values.count) values in the models", on: console)
        let batches = try originalData.batches(of: layerIndices, size: size)
        let compressedBatches = try compressedData.batches(of: layerIndices, size: size)
        while let batch = try batches.next(), let compressedBatch = try compressedBatches.next() {
            // A model of a fixed batch takes no fewer.
            guard batch.count == size else { break }
            try comparison.observe([Tensor(batch.inputs)], compressedInputs: [Tensor(compressedBatch.inputs)])
            progress.update(Double(comparison.samples) / Double(layerIndices.count))
        }
        return comparison
    }

    private func simulatedScores(in folder: String) throws -> ScoreFile {
        let progress = Progress("simulating \(compressed.path)", on: console)
        return try Simulation.scores(
            of: compressed.graph, name: compressed.path, on: compressedData,
            task: try compressed.task(on: compressedData.dataset), to: "\(folder)/simulated"
        ) { progress.update(Double($0) / Double(compressedData.count)) }
    }

    /// The scores of a file, from a process that uses no more than the instruction set.
    private func exportedScores(
        of source: ModelSource, _ data: TrainingData, on set: InstructionSet, in folder: String, _ name: String
    ) throws -> ScoreFile {
        let preprocessing = "\(folder)/\(name).json"
        let scores = "\(folder)/\(name)"
        try AtomicFile.write(try data.preprocessing.json(), to: preprocessing)
        let printed = try ChildProcess.output(
            of: "/proc/self/exe",
            [
                "probe-scores", source.path, "--data", location, "--split", split.rawValue, "--samples",
                "\(data.count)",
                "--seed", "\(common.seed)", "--preprocessing", preprocessing, "--threads", "\(common.threads)",
                "--title", "running \(source.path) on \(EdgeRuntime.name), \(set.name)", "--output", scores,
            ], variables: set.variables)
        let outcome = try JSONDecoder().decode(ProbeScores.Outcome.self, from: Data(printed))
        if let failure = outcome.failure {
            let status = outcome.status.flatMap(ExitStatus.init(rawValue:)) ?? .internalFault
            throw ProbeFailure(category: status.category, codeName: failure.code, description: failure.message)
        }
        return try ScoreFile(scores, classes: outcome.classes ?? 0)
    }

    // MARK: Figures

    private func run(
        _ model: VerificationReport.Run.Model, _ scores: ScoreFile, runtime: String, on set: InstructionSet? = nil,
        from comparison: ScoreComparison? = nil, fromSimulated: ScoreComparison? = nil
    ) -> VerificationReport.Run {
        let accuracy = isLabelled ? counts(scores).result : nil
        return VerificationReport.Run(
            model, runtime: runtime, instructionSet: set?.name, top1: accuracy?.top1, top5: accuracy?.top5,
            fromOriginal: comparison, fromSimulated: fromSimulated)
    }

    private func counts(_ scores: ScoreFile) -> ClassificationCounts {
        var counts = ClassificationCounts(classes: scores.classes)
        for sample in 0..<scores.samples {
            scores.withRow(sample) { counts.count(scores: $0, label: originalData.dataset.label(at: sample)) }
        }
        return counts
    }

    private func changes(_ before: ScoreFile, _ after: ScoreFile) -> [VerificationReport.ClassChange] {
        guard isLabelled else { return [] }
        let results = zip(counts(before).result.perClass, counts(after).result.perClass)
        // A model may know more classes than the data has.
        return zip(originalData.dataset.classNames, results).filter { $1.0.samples > 0 }.map { name, counts in
            .init(
                name: name, samples: counts.0.samples, correctBefore: counts.0.correct, correctAfter: counts.1.correct)
        }
    }
}

/// An error of the process that ran a file.
private struct ProbeFailure: ReportableError {
    var category: ErrorCategory
    var codeName: String
    var description: String
    var cause: (any Error)? { nil }
}
