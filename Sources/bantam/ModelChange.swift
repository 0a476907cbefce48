import BantamEdge
import BantamGraph
import BantamModel
import BantamONNX
import BantamPipeline
import BantamPruning
import BantamTensor
import BantamTraining

/// What `train`, `prune`, `quantize`, `distill` and `restructure` share: read a model, perform steps, write the result.
struct ModelChange {
    var model: String
    /// What the user says of the model, in place of what it says itself.
    var chosen: ModelFacts
    var data: String?
    var output: String
    var training: TrainingOptions?
    var common: CommonOptions
    var console: Console
    var teacher: String?

    /// - Parameter steps: Given whether there is data, the steps to perform.
    func perform(steps: (_ hasData: Bool) throws -> [Recipe.Step]) throws -> ChangeRecord {
        try OutputFolder.requirePlace(for: output)
        if let folder = training?.checkpoints { try OutputFolder.create(folder) }
        let source = try ModelSource(model, chosen: chosen)
        let given = try steps(data != nil)
        if given.contains(where: \.needsFloatWeights) { try source.requireFloatWeights() }
        try source.requireFiniteWeights()
        let learns = !given.allSatisfy(\.quantizesAfterTraining)
        try Runtime.prepare(common, loadsTorch: learns)
        let trainingData = try data.map { try source.data(at: $0, split: .train, needsLabels: learns) }
        let steps = try adapted(given, to: trainingData)
        if trainingData != nil { Runtime.noteOtherWork(common, on: console) }
        let runner = StepRunner(
            data: trainingData, device: training?.device ?? .cpu, checkpoints: training?.checkpointFolder,
            meter: ModelMeasurement(threads: common.threads, console: console).meter(
                output: output, original: source.graph,
                documented: { try source.documented($0, data: trainingData, steps: steps) }),
            teacher: teacher(at:))
        var graph = source.graph
        var seconds = 0.0
        var notes = source.notes
        var channels: PrunedChannels?
        for step in steps {
            let progress = Progress(step.label, on: console)
            let outcome = try runner.perform(step, on: graph) { progress.observe($0) }
            graph = outcome.graph
            seconds += outcome.training?.seconds ?? 0
            notes += outcome.notes
            if let rounds = outcome.plan as? [StepRunner.PruningRound<StructuredPruning.Plan>] {
                channels = PrunedChannels(rounds.map(\.plan))
            }
            progress.finish(outcome.outcome)
        }
        try source.write(graph, to: output, data: trainingData, steps: steps)
        return ChangeRecord(
            input: model, output: output, before: try FileFigures(of: model), after: try FileFigures(of: output),
            trainingSeconds: seconds, storage: steps.contains(where: \.quantizes) ? graph.storedNumbers() : nil,
            channels: channels, notes: notes)
    }

    /// The steps as the data allow them, so that the model's record tells what was done.
    private func adapted(_ steps: [Recipe.Step], to trainingData: TrainingData?) throws -> [Recipe.Step] {
        guard let data, let trainingData, !trainingData.isLabelled else { return steps }
        if let work = steps.lazy.compactMap(\.workThatNeedsLabels).first {
            throw CompressionError.missingLabels(for: work).located(inFile: data)
        }
        if steps.contains(where: \.hasTeacher) {
            console.note("\(data) has no labels: the teacher alone is listened to (alpha 1)")
        }
        return steps.map(\.withoutLabels)
    }

    /// The teacher sees samples in its own way, of a size and normalization that may differ from the student's.
    private func teacher(at path: String) throws -> TeacherModel {
        let teacher = try ModelSource(path)
        return TeacherModel(teacher.graph, data: try data.map { try teacher.data(at: $0, split: .train) })
    }
}

extension Recipe.Step {
    /// Whether the step works on the weights as numbers; channels can be removed whatever they are stored as.
    fileprivate var needsFloatWeights: Bool {
        switch self {
        case .prune(let gradual): if case .channels = gradual.method { false } else { true }
        default: true
        }
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
    var before: FileFigures
    var after: FileFigures
    var trainingSeconds: Double
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
        if let channels { lines.append(channels.text) }
        if let speed { lines.append(speed.text(against: input, prescribedMultiple: prescribedMultiple)) }
        if let storage { lines.append("  stored as   " + storage.map(\.text).joined(separator: "; ")) }
        lines += notes.map { "  \($0)" }
        if after.nonzeroParameters * 3 < after.parameters * 2, !output.hasSuffix(Gzip.suffix) {
            lines.append("  zeros take no less room here than other numbers; -o \(output).gz compresses the file")
        }
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
    var macs: Int
    var fileBytes: ByteCount

    init(of path: String) throws {
        let file = try ONNXFile.read(path)
        let cost = try CostAnalysis(of: file.graph).total
        parameters = cost.parameters
        nonzeroParameters = file.graph.nonzeroParameterCount
        macs = cost.macs
        fileBytes = file.header.fileBytes
    }
}

extension Double {
    func rounded(places: Int) -> Double {
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        return (self * scale).rounded() / scale
    }
}
