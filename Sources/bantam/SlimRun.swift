import BantamEdge
import BantamGraph
import BantamMedia
import BantamModel
import BantamNetwork
import BantamONNX
import BantamPipeline
import BantamReport
import BantamStage
import BantamTensor
import BantamTraining
import FoundationEssentials

/// Makes and measures every variant of a recipe, one after the other.
final class SlimRun {
    private let recipe: Recipe
    private var input: ModelSource?
    private let dataPath: String
    private let output: String
    private let limits: ResultCheck.Limits
    private let common: CommonOptions
    private let console: Console
    private let measurement: ModelMeasurement
    private var graphs: [String: Graph] = [:]

    init(
        recipe: Recipe, input: ModelSource?, dataPath: String, output: String, limits: ResultCheck.Limits,
        common: CommonOptions, console: Console
    ) {
        self.recipe = recipe
        self.input = input
        self.dataPath = dataPath
        self.output = output
        self.limits = limits
        self.common = common
        self.console = console
        measurement = ModelMeasurement(threads: common.threads, console: console)
    }

    func run() throws -> RunRecord {
        try Libraries.prepare(common)
        try input?.requireFloatWeights()
        try input?.requireFiniteWeights()
        let data = try samples(.train)
        // What is fitted to the training samples holds for the others, too.
        input?.facts.preprocessing = data.preprocessing
        let testData = try samples(.test)
        try input?.bindSizes(to: data)
        try OutputFolder.create(output)
        for line in data.dataset.inventory.summary { console.note("\(dataPath): \(line)") }
        let runner = StepRunner(
            data: data, in: StageContext(runtime: common.runtime), teacher: teacher)
        var record = RunRecord(
            command: "bantam slim", date: Date.now.formatted(.iso8601), environment: try Libraries.environment(common),
            seed: common.seed,
            data: .init(path: dataPath, trainingSamples: data.count, testSamples: testData.count),
            baseline: recipe.baseline)
        for (index, variant) in recipe.variants.enumerated() {
            console.note("[\(index + 1)/\(recipe.variants.count)] \(variant.name): \(variant.method)")
            let made = try make(variant, data: data, runner)
            let metrics = try measurement.metrics(of: "\(output)/\(made.file)", on: testData)
            record.variants.append(
                VariantRecord(
                    name: variant.name, method: variant.method, file: made.file, metrics: metrics,
                    plans: made.plans, trainingSeconds: made.trainings.reduce(0) { $0 + $1.seconds },
                    trainings: try made.trainings.map { try JSONValue(encoding: $0) },
                    notes: made.notes + (try compress(variant, metrics))))
            // After each, so that nothing is lost when a later one fails.
            try write(record)
        }
        record.warnOfLosses()
        // Times taken minutes apart do not compare; these do.
        record.take(try measurement.latencies(of: record.variants.map { "\(output)/\($0.file)" }))
        try write(record)
        for line in data.notes.summary + testData.notes.summary { console.note("note: \(line)") }
        return record
    }

    /// A split as the given model takes it, or as one fits what the recipe makes.
    private func samples(_ split: DatasetSplit) throws -> TrainingData {
        var data: TrainingData
        if let input {
            data = try input.data(at: dataPath, split: split, skipsDamaged: split == .train ? false : nil)
        } else {
            let undivided = DatasetLocation.UndividedClasses.divided(seed: ModelSource.divisionSeed)
            func open(_ split: DatasetSplit) throws -> any Dataset {
                try DatasetLocation.open(dataPath, split: split, undivided: undivided)
            }
            data = TrainingData(
                try open(split), preprocessing: try .fitted(to: try open(.train), inputShape: try inputShape()))
            if split == .train { data.validation = try DatasetLocation.validation(of: dataPath) }
        }
        guard data.isLabelled else {
            throw CompressionError.missingLabels(for: "measuring accuracy").located(inFile: dataPath)
        }
        data.holdOut.seed = common.seed
        return data
    }

    // MARK: Variants

    private struct Made {
        /// Relative to the output folder.
        var file: String
        var plans: [PlanRecord] = []
        var trainings: [TrainingSummary] = []
        var notes: [String] = []
    }

    /// - Throws: `notFiniteResult`; what the steps throw.
    private func make(_ variant: Recipe.Variant, data: TrainingData, _ runner: StepRunner) throws -> Made {
        let classNames = data.dataset.classNames
        var graph = try source(of: variant, classCount: classNames.count)
        var made = Made(file: "\(variant.name).onnx")
        for step in variant.steps {
            let progress = Progress("  " + step.label, on: console)
            let outcome = try runner.perform(step, on: graph) { progress.observe($0) }
            if let training = outcome.training {
                made.trainings.append(training)
                if let curves = training.curves { made.notes.append("\(step.label): \(curves)") }
            }
            progress.finish(outcome.outcome)
            made.notes += outcome.notes
            if let plan = outcome.plan {
                made.plans.append(PlanRecord(step: step.label, plan: try JSONValue(encoding: plan)))
            }
            graph = outcome.graph
        }
        var exported = graph
        exported.metadata[ModelMetadata.record] = try ModelHistory(of: exported).adding(variant.steps).json()
        try ModelFacts(preprocessing: data.preprocessing, classNames: classNames).store(in: &exported)
        graphs[variant.name] = exported
        let file = "\(output)/\(variant.name).onnx"
        exported = try ModelSource.checked(input?.freeing(exported) ?? exported, for: file)
        if !variant.steps.isEmpty, let input {
            let look = ResultLook(source: input, threads: common.threads, console: console)
            let (check, note) = try look.check(of: exported, on: data)
            made.notes += [check.map { "result: \($0.summary)" }, note].compactMap(\.self)
            if let check, !check.nonFiniteOutputs.isEmpty {
                throw CommandError.notFiniteResult(file, outputs: check.nonFiniteOutputs)
            }
            if let violation = check?.violation(of: limits) {
                made.file = OutputFolder.rejectedName(of: made.file)
                made.notes.append("rejected: \(violation)")
            }
        }
        try ONNXFile.write(exported, to: "\(output)/\(made.file)")
        if !made.trainings.isEmpty { try TrainingLog.write(made.trainings, beside: file) }
        return made
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
