import BantamEdge
import BantamGraph
import BantamMedia
import BantamModel
import BantamNetwork
import BantamONNX
import BantamPipeline
import BantamReport
import BantamTensor
import BantamTraining
import FoundationEssentials

/// Makes and measures every variant of a recipe, one after the other.
final class SlimRun {
    private let recipe: Recipe
    private let input: ModelSource?
    private let dataPath: String
    private let output: String
    private let common: CommonOptions
    private let console: Console
    private let measurement: ModelMeasurement
    private var graphs: [String: Graph] = [:]

    init(
        recipe: Recipe, input: ModelSource?, dataPath: String, output: String, common: CommonOptions, console: Console
    ) {
        self.recipe = recipe
        self.input = input
        self.dataPath = dataPath
        self.output = output
        self.common = common
        self.console = console
        measurement = ModelMeasurement(threads: common.threads, console: console)
    }

    func run() throws -> RunRecord {
        try Runtime.prepare(common)
        let training = try dataset(.train)
        let test = try dataset(.test)
        try input?.requireFloatWeights()
        try input?.requireFiniteWeights()
        let preprocessing = try input?.facts.preprocessing ?? .fitted(to: training, inputShape: inputShape())
        try OutputFolder.create(output)
        let data = TrainingData(training, preprocessing: preprocessing)
        let testData = TrainingData(test, preprocessing: preprocessing)
        let runner = StepRunner(data: data, teacher: teacher)
        var record = RunRecord(
            command: "bantam slim", date: Date.now.formatted(.iso8601), environment: try Runtime.environment(common),
            seed: common.seed,
            data: .init(path: dataPath, trainingSamples: training.count, testSamples: test.count),
            baseline: recipe.baseline)
        for (index, variant) in recipe.variants.enumerated() {
            console.note("[\(index + 1)/\(recipe.variants.count)] \(variant.name): \(variant.method)")
            let made = try make(variant, data: data, runner)
            let path = "\(output)/\(variant.name).onnx"
            let metrics = try measurement.metrics(of: path, on: testData)
            record.variants.append(
                VariantRecord(
                    name: variant.name, method: variant.method, file: "\(variant.name).onnx", metrics: metrics,
                    plans: made.plans, trainingSeconds: made.seconds,
                    notes: made.notes + (try compress(variant, metrics))))
            // After each, so that nothing is lost when a later one fails.
            try write(record)
        }
        record.warnOfLosses()
        // Times taken minutes apart do not compare; these do.
        record.take(try measurement.latencies(of: record.variants.map { "\(output)/\($0.file)" }))
        try write(record)
        return record
    }

    /// A split, with the labels of the given model if there is one.
    private func dataset(_ split: DatasetSplit) throws -> any Dataset {
        let dataset = try DatasetLocation.open(dataPath, split: split)
        guard dataset.isLabelled else {
            throw CompressionError.missingLabels(for: "measuring accuracy").located(inFile: dataPath)
        }
        return try input?.labelled(dataset, dataPath) ?? dataset
    }

    // MARK: Variants

    private func make(
        _ variant: Recipe.Variant, data: TrainingData, _ runner: StepRunner
    ) throws -> (plans: [PlanRecord], seconds: Double, notes: [String]) {
        let classNames = data.dataset.classNames
        var graph = try source(of: variant, classCount: classNames.count)
        var plans: [PlanRecord] = []
        var seconds = 0.0
        var notes: [String] = []
        for step in variant.steps {
            let progress = Progress("  " + step.label, on: console)
            let outcome = try runner.perform(step, on: graph) { progress.observe($0) }
            seconds += outcome.training?.seconds ?? 0
            progress.finish(outcome.outcome)
            notes += outcome.notes
            if let plan = outcome.plan {
                plans.append(PlanRecord(step: step.label, plan: try JSONValue(encoding: plan)))
            }
            graph = outcome.graph
        }
        var exported = graph
        exported.metadata[ModelMetadata.record] = try ModelHistory(of: exported).adding(variant.steps).json()
        try ModelFacts(preprocessing: data.preprocessing, classNames: classNames).store(in: &exported)
        graphs[variant.name] = exported
        let file = "\(output)/\(variant.name).onnx"
        do throws(GraphError) {
            try Verifier.verify(exported, rules: Verifier.rules + [.requireFiniteWeights])
        } catch {
            throw error.located(inFile: file)
        }
        try ONNXFile.write(exported, to: file)
        return (plans, seconds, notes)
    }

    /// Writes a model of which most weights are zero a second time, compressed, since the plain file is no smaller.
    ///
    /// - Returns: What the report says of it.
    private func compress(_ variant: Recipe.Variant, _ metrics: ModelMetrics) throws -> [String] {
        guard metrics.nonzeroParameters * 2 <= metrics.parameters, let graph = graphs[variant.name] else { return [] }
        let file = "\(variant.name).onnx\(Gzip.suffix)"
        let size = try ONNXFile.write(graph, to: "\(output)/\(file)").fileBytes
        let share = (Double(size.bytes) / Double(metrics.fileBytes.bytes) * 100).rounded(places: 1)
        return ["\(file) is the same model, compressed: its zeros let it take \(size), \(share) % of the plain file"]
    }

    private func source(of variant: Recipe.Variant, classCount: Int) throws -> Graph {
        switch variant.source {
        case .architecture(let name):
            return try Architectures.variant(named: name).graph(
                classCount: classCount, weights: .random(seed: common.seed))
        case .input:
            guard let input else { throw CommandError.recipeWithoutModel }
            return input.graph
        case .variant(let name):
            guard let graph = graphs[name] else { throw CommandError.unknownVariant(name, in: variant.name) }
            return graph
        }
    }

    private func teacher(_ name: String) throws -> TeacherModel {
        guard let graph = graphs[name] else { throw CompressionError.noTeacher(name) }
        return TeacherModel(graph)
    }

    /// The input of the given model, or of the first architecture: what images are made to fit.
    private func inputShape() throws -> Shape {
        if let port = input?.graph.inputs.first { return Shape(port.shape().dimensions.dropFirst()) }
        for variant in recipe.variants {
            if case .architecture(let name) = variant.source {
                return try Architectures.variant(named: name).published.inputShape
            }
        }
        throw CommandError.recipeWithoutModel
    }

    private func write(_ record: RunRecord) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(record), as: UTF8.self)
        try AtomicFile.write(json + "\n", to: "\(output)/report.json")
        try AtomicFile.write(record.markdown(), to: "\(output)/report.md")
    }
}

extension RunRecord {
    /// Losses of accuracy beyond these points are warned of, as after every single command.
    private static let noticeableDrop = 0.05

    /// Adds a note to each variant that is much worse than the baseline.
    fileprivate mutating func warnOfLosses() {
        guard let baseline = variants.first(where: { $0.name == self.baseline })?.metrics.top1 else { return }
        for index in variants.indices where baseline - variants[index].metrics.top1 > Self.noticeableDrop {
            let points = ((baseline - variants[index].metrics.top1) * 100).rounded(places: 1)
            variants[index].notes.append(
                "warning: \(points) points of accuracy less than \(self.baseline): prune less, or train longer, by a recipe of "
                    + "your own (--print-recipe shows this one)")
        }
    }

    /// Takes over times that were measured side by side, and says which variants are no faster than the baseline.
    fileprivate mutating func take(_ latencies: [LatencyMeasurement]) {
        for (index, latency) in latencies.enumerated() {
            variants[index].metrics.latencyMedian = latency.median.seconds
            variants[index].metrics.latencyP95 = latency.p95.seconds
            variants[index].metrics.imagesPerSecond = latency.imagesPerSecond
        }
        guard let baseline = variants.first(where: { $0.name == self.baseline }) else { return }
        for index in variants.indices where variants[index].name != baseline.name {
            let ratio = variants[index].metrics.latencyMedian / baseline.metrics.latencyMedian
            guard ratio > 1.02 else { continue }
            variants[index].notes.append(
                "slower than \(baseline.name) here: its latency is \(ratio.rounded(places: 2)) times as long")
        }
    }
}
