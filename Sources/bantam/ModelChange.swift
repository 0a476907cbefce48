import BantamEdge
import BantamGraph
import BantamMedia
import BantamModel
import BantamONNX
import BantamPipeline
import BantamPruning
import BantamStage
import BantamTensor
import BantamTraining

/// What `train`, `prune`, `quantize`, `distill` and `restructure` share: read a model, perform steps, look at the result,
/// write it.
struct ModelChange {
    var model: String
    /// What the user says of the model, in place of what it says itself.
    var chosen: ModelFacts
    var data: String?
    var output: String
    var training: TrainingOptions?
    /// Whether the steps train, and so need libtorch, and labels that are the model's.
    var learns = true
    /// Whether the classes that the model tells apart may become the data's.
    var learnsClasses = false
    var limits = ResultCheck.Limits()
    /// What to do about a poor result, as a clause.
    var advice: String?
    var common: CommonOptions
    var console: Console
    var teacher: String?
    /// How the teacher wants its samples, in place of what it says itself.
    var teacherPreprocessing: Preprocessing?

    /// What the steps may depend on.
    struct Circumstances {
        var hasData: Bool
        /// Samples of a batch where the user names no number.
        var batchSize: Int
        /// Epochs of layers that replace others, where the user names no number.
        var epochsOfNewLayers: Int
        /// Whether the model has normalization layers.
        var isNormalized: Bool
        /// How samples may be changed without another meaning.
        var augmentation: [Augmentation]
    }

    /// - Parameter makeSteps: The steps to perform.
    func perform(steps makeSteps: (Circumstances) throws -> [Recipe.Step]) throws -> ChangeRecord {
        try OutputFolder.requirePlace(for: output)
        if let folder = training?.checkpoints { try OutputFolder.create(folder) }
        var source = try ModelSource(model, chosen: chosen)
        source.learnsClasses = learnsClasses
        source.groups = try training?.groups.map { try SampleGroups(csv: $0) }
        try source.requireFloatWeights()
        try source.requireFiniteWeights()
        try Libraries.prepare(common, loadsTorch: learns)
        if data != nil { try source.freeBatch() }
        let trainingData = try data.map { try samples(at: $0, for: source) }
        try source.bindSizes(to: trainingData)
        if let trainingData {
            for line in trainingData.dataset.inventory.summary { console.note("\(data ?? ""): \(line)") }
        }
        let sampleCount = trainingData?.count ?? 1
        let batchSize =
            learns ? try BatchSize.usual(for: source.graph, samples: sampleCount) : TrainingConfiguration.largestBatch
        let given = try makeSteps(
            Circumstances(
                hasData: data != nil, batchSize: batchSize,
                epochsOfNewLayers: try EpochCount.forNewLayers(
                    of: source.graph, samples: sampleCount, batchSize: training?.batchSize ?? batchSize,
                    usual: TrainingOptions.usualEpochs),
                isNormalized: source.graph.isNormalized,
                augmentation: learns
                    ? try trainingData.map { try Augmentation.usual(for: $0.dataset, as: $0.preprocessing) } ?? [] : [])
        )
        let steps = try adapted(given, to: trainingData)
        if trainingData != nil { Libraries.noteOtherWork(common, on: console) }
        let runner = StepRunner(
            data: trainingData,
            in: StageContext(
                device: training?.device ?? .cpu, runtime: common.runtime,
                meter: ModelMeasurement(threads: common.threads, console: console).meter(
                    output: output, original: source.graph, originalBytes: source.fileBytes,
                    finished: { try source.finished($0, for: output, data: trainingData, steps: steps) })),
            checkpoints: training?.checkpointFolder,
            teacher: { try teacher(at: $0, for: trainingData) })
        var graph = source.graph
        var record = ChangeRecord(input: model, output: output)
        record.learnsClasses = learnsClasses
        record.notes = source.notes
        record.advice = advice
        for step in steps {
            let progress = Progress(step.label, on: console)
            let outcome = try runner.perform(step, on: graph) { progress.observe($0) }
            graph = outcome.graph
            if let summary = outcome.training { record.trainings.append(summary) }
            record.notes += outcome.notes
            if let rounds = outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>] {
                record.channels = PrunedChannels(rounds.map(\.plan))
            }
            progress.finish(outcome.outcome)
        }
        graph = try source.finished(graph, for: output, data: trainingData, steps: steps)
        try deliver(graph, from: source, trainingData, &record)
        if steps.contains(where: \.hasTeacher), let teacher, teacher != model, let trainingData {
            // As the step has read it.
            let model = try runner.teacher(teacher)
            let reference = ResultLook.Reference(
                path: teacher, task: try runner.task(of: model.graph),
                preprocessing: (model.data ?? trainingData).preprocessing)
            let look = ResultLook(source: source, threads: common.threads, console: console)
            record.teacherCheck = try look.check(of: graph, on: trainingData, beside: reference).check
        }
        record.notes += trainingData?.notes.summary ?? []
        record.before = try FileFigures(of: model, input: source.boundInput)
        record.after = try FileFigures(of: output, input: source.boundInput)
        record.storage = steps.contains(where: \.quantizes) ? graph.storedNumbers() : nil
        return record
    }

    /// Samples that judge a model that was quantized, where there are as many.
    private static let fewestJudges = 16

    private func samples(at location: String, for source: ModelSource) throws -> TrainingData {
        var data = try source.data(
            at: location, split: .train, needsLabels: learns,
            skipsDamaged: learns ? training?.skipDamaged ?? false : nil)
        data.holdOut.seed = common.seed
        switch training?.validation {
        case .share(let share): data.holdOut.share = training?.judgesEpochs == false ? 0 : share
        case .folder(let folder): data.validation = try source.validation(in: folder)
        case nil: break
        }
        guard !learns else { return data }
        // A few samples judge kindly, and ranges need no more than half.
        let share = Double(Self.fewestJudges) / Double(max(data.count, 1))
        data.holdOut.share = max(data.holdOut.share, min(share, 0.5))
        return data
    }

    /// Looks at the model, and writes it unless it is not fit to be.
    ///
    /// - Throws: `notFiniteResult`; `limitBroken`, with the model under another name.
    private func deliver(
        _ graph: Graph, from source: ModelSource, _ trainingData: TrainingData?, _ record: inout ChangeRecord
    ) throws {
        let look = ResultLook(source: source, threads: common.threads, console: console)
        let (check, note) = try look.check(of: graph, on: trainingData)
        record.check = check
        if let note { record.notes.append(note) }
        if let check {
            if !check.nonFiniteOutputs.isEmpty {
                throw CommandError.notFiniteResult(output, outputs: check.nonFiniteOutputs)
            }
            if let violation = check.violation(of: limits) {
                let rejected = OutputFolder.rejectedName(of: output)
                try ONNXFile.write(graph, to: rejected)
                throw CommandError.limitBroken(violation, rejected: rejected)
            }
        }
        try ONNXFile.write(graph, to: output)
        if !record.trainings.isEmpty { try TrainingLog.write(record.trainings, beside: output) }
    }

    /// The steps as the data allow them, so that the model's record tells what was done.
    private func adapted(_ steps: [Recipe.Step], to trainingData: TrainingData?) throws -> [Recipe.Step] {
        guard let data, let trainingData, !trainingData.isLabelled else { return steps }
        if let work = steps.lazy.compactMap(\.workThatNeedsLabels).first {
            throw CompressionError.missingLabels(for: work).located(inFile: data)
        }
        if steps.contains(where: \.hasTeacher) {
            console.note("\(data) has no labels: the model learns from the teacher alone (alpha 1)")
        }
        return steps.map(\.withoutLabels)
    }

    /// The teacher sees samples in its own way, of a size and normalization that may differ from the student's.
    private func teacher(at path: String, for student: TrainingData?) throws -> TeacherModel {
        var teacher = try ModelSource(path, chosen: ModelFacts(preprocessing: teacherPreprocessing))
        if data != nil { try teacher.freeBatch() }
        if let student, teacherPreprocessing == nil {
            if path == model {
                // What is said of the model holds for it as a teacher.
                teacher.facts.preprocessing = student.preprocessing
            } else if teacher.facts.preprocessing == nil {
                // One that does not say how it wants its samples gets them as the student does, at its own size.
                teacher.facts.preprocessing = teacher.adapted(student.preprocessing)
            }
        }
        return TeacherModel(
            teacher.graph,
            data: try data.map { location in
                let own = try teacher.data(at: location, split: .train, needsLabels: student?.isLabelled ?? true)
                guard let student else { return own }
                // The student's samples, in its order: some may have been left out.
                return student.prepared(by: own.preprocessing)
            })
    }
}

extension Recipe.Step {
    /// Whether it quantizes a model as it is: from samples whose classes may be any, and without libtorch unless it is
    /// asked for more.
    fileprivate var quantizesAfterTraining: Bool {
        switch self {
        case .quantizeStatic, .quantizeDynamic, .quantizeWeights: true
        default: false
        }
    }

    /// Whether it changes what numbers are stored as.
    fileprivate var quantizes: Bool {
        if case .quantizeAware = self { true } else { quantizesAfterTraining }
    }
}

/// What a changed model came to.
struct ChangeRecord: Encodable {
    var input: String
    var output: String
    var before = FileFigures()
    var after = FileFigures()
    /// Each training, epoch by epoch.
    var trainings: [TrainingSummary] = []
    /// What the file answers beside the original; `nil` where it could not be run.
    var check: ResultCheck?
    /// Whether the model learned labels, and was not to stay as it was.
    var learnsClasses = false
    /// What the file answers beside its teacher.
    var teacherCheck: ResultCheck?
    /// What the learned numbers are stored as, where that was to change.
    var storage: [StoredNumbers]?
    /// Where channels were removed.
    var channels: PrunedChannels?
    /// What was done, and what was not, a sentence each.
    var notes: [String] = []
    /// Where a model was to become faster.
    var speed: SpeedCheck?
    /// The multiple of channels that was asked for.
    var prescribedMultiple: Int?
    /// What to do about a poor result, as a clause.
    var advice: String?

    var trainingSeconds: Double { trainings.reduce(0) { $0 + $1.seconds } }

    init(input: String, output: String) {
        self.input = input
        self.output = output
    }

    /// One line about a result that is much worse than the original; `nil` where it is not.
    var warning: String? {
        let noise = storage == nil ? ResultCheck.noticeableNoise : ResultCheck.noticeableRoundingNoise
        guard let check, check.isPoor(below: noise) else { return nil }
        return "warning: \(output) is much worse than \(input) (\(check.summary))" + (advice.map { ": \($0)" } ?? "")
    }

    private enum CodingKeys: String, CodingKey {
        case input, output, before, after, trainingSeconds, trainings, check, teacherCheck, storage, channels, notes,
            speed
        case prescribedMultiple, warning
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(input, forKey: .input)
        try container.encode(output, forKey: .output)
        try container.encode(before, forKey: .before)
        try container.encode(after, forKey: .after)
        try container.encode(trainingSeconds, forKey: .trainingSeconds)
        if !trainings.isEmpty { try container.encode(trainings, forKey: .trainings) }
        try container.encodeIfPresent(check, forKey: .check)
        try container.encodeIfPresent(teacherCheck, forKey: .teacherCheck)
        try container.encodeIfPresent(storage, forKey: .storage)
        try container.encodeIfPresent(channels, forKey: .channels)
        try container.encode(notes, forKey: .notes)
        try container.encodeIfPresent(speed, forKey: .speed)
        try container.encodeIfPresent(prescribedMultiple, forKey: .prescribedMultiple)
        try container.encodeIfPresent(warning, forKey: .warning)
    }

    var text: String {
        func line(_ name: String, _ before: Int, _ after: Int) -> String {
            let change =
                before == after ? "" : " (\(((Double(after) / Double(before) - 1) * 100).rounded(places: 1)) %)"
            return "  \(name.padding(to: 12))\(before) -> \(after)\(change)"
        }
        var lines = [
            "\(output), from \(input):", line("parameters", before.parameters, after.parameters),
            line("nonzero", before.nonzeroParameters, after.nonzeroParameters),
            line("MACs", before.macs, after.macs), line("file bytes", before.fileBytes.bytes, after.fileBytes.bytes),
        ]
        if let check {
            lines.append("  \("result".padding(to: 12))\(learnsClasses ? check.learningSummary : check.summary)")
        }
        if let teacherCheck { lines.append("  \("teacher".padding(to: 12))\(teacherCheck.teacherSummary)") }
        lines += trainings.compactMap(\.curves).map { "  \("training".padding(to: 12))\($0)" }
        if let channels { lines.append(channels.text) }
        if let speed { lines.append(speed.text(against: input, prescribedMultiple: prescribedMultiple)) }
        if let storage { lines.append("  stored as   " + storage.map(\.text).joined(separator: "; ")) }
        lines += notes.map { "  \($0)" }
        if after.nonzeroParameters * 3 < after.parameters * 2, !output.hasSuffix(Gzip.suffix) {
            lines.append("  zeros take no less room here than other numbers; -o \(output).gz compresses the file")
        }
        if let warning { lines.append(warning) }
        return lines.joined(separator: "\n")
    }
}

extension PrunedChannels {
    /// As in `412 of 1024 gone, multiples of 8 stay; most from conv3 (Conv): 12 of 64 are left`.
    var text: String {
        guard !layers.isEmpty else { return "  channels    none gone: the model meets the target as it is" }
        let (before, after) = (layers.reduce(0) { $0 + $1.before }, layers.reduce(0) { $0 + $1.after })
        var text = "  channels    \(before - after) of \(before) gone, from \(layers.count) groups of layers"
        if channelMultiple > 1 { text += "; multiples of \(channelMultiple) stay" }
        func share(_ layer: Layer) -> Double { Double(layer.after) / Double(layer.before) }
        if let least = layers.min(by: { share($0) < share($1) }) {
            text += "; most from \(least.label), where \(least.after) of \(least.before) are left"
        }
        if quantity == .latency {
            let (before, after) = (amountBefore.rounded(places: 3), amountAfter.rounded(places: 3))
            text += "\n  latency     \(before) -> \(after) ms, as measured while pruning"
        }
        return text
    }
}

extension StoredNumbers {
    /// As in `int4 54 constants, 851504 numbers, 425752 bytes`.
    var text: String {
        "\(dtype.rawValue) \(constants) constant\(constants == 1 ? "" : "s"), \(elements) numbers, "
            + "\(byteCount.bytes) bytes"
    }
}

/// The static figures of a model file.
struct FileFigures: Encodable {
    var parameters: Int
    var nonzeroParameters: Int
    /// Of one sample, whatever batch the file fixes: what is made from it may leave that free.
    var macs: Int
    var fileBytes: ByteCount

    init() { (parameters, nonzeroParameters, macs, fileBytes) = (0, 0, 0, .zero) }

    /// - Parameter input: The input's dimensions where the file leaves some free; `nil` for a size of 1.
    init(of path: String, input: [InputDimension]? = nil) throws {
        let file = try ONNXFile.read(path)
        var graph = file.graph
        if let input, graph.inputs.count == 1 { graph.setInputDimensions(input, ofInput: 0) }
        let cost = try CostAnalysis(of: graph).total
        parameters = cost.parameters
        nonzeroParameters = file.graph.nonzeroParameterCount
        macs = cost.macs / max(1, graph.fixedBatchSize ?? 1)
        fileBytes = file.header.fileBytes
    }
}

extension Double {
    func rounded(places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return (self * scale).rounded() / scale
    }
}
