import BantamEdge
import BantamGraph
import BantamMedia
import BantamModel
import BantamONNX
import BantamPipeline
import BantamTraining

/// Lets the files of an original and of what was made from it be compared before the command says that it is done.
struct ResultLook {
    var source: ModelSource
    var threads: Int
    var console: Console

    /// A model that another is compared with in place of its original.
    struct Reference {
        var path: String
        var task: TaskDescription
        var preprocessing: Preprocessing
    }

    /// - Parameters:
    ///   - graph: As it will be written.
    ///   - data: What was trained on, as the original takes it.
    ///   - teacher: What it is compared with in place of the original.
    /// - Returns: The check, or why there is none.
    func check(
        of graph: Graph, on data: TrainingData?, beside teacher: Reference? = nil
    ) throws -> (check: ResultCheck?, note: String?) {
        try OutputFolder.temporary { folder in
            let path = "\(folder)/changed.onnx"
            try ONNXFile.write(graph, to: path)
            do {
                return (try check(of: path, graph, on: data, beside: teacher), nil)
            } catch let error as EdgeError {
                return (nil, "the result was not looked at, as the runtime does not take it: \(error.message)")
            }
        }
    }

    private func check(
        of path: String, _ graph: Graph, on data: TrainingData?, beside teacher: Reference?
    ) throws -> ResultCheck {
        let progress = Progress("looking at the result" + (teacher == nil ? "" : " beside its teacher"), on: console)
        let (samples, kind) = chosen(from: data)
        let changed = samples.map { samples in
            graph.inputs.first?.dtype == .uint8 && source.graph.inputs.first?.dtype != .uint8
                ? samples.prepared(by: samples.preprocessing.leavingBytes) : samples
        }
        let original = ResultCheck.Subject(
            teacher?.path ?? source.path, task: try teacher?.task ?? source.task(on: data?.dataset),
            data: samples.map { samples in teacher.map { samples.prepared(by: $0.preprocessing) } ?? samples })
        return try ResultCheck(
            of: .init(path, task: try TaskDescription(of: graph, knownClasses: knownClasses(data)), data: changed),
            against: original, on: kind,
            shape: source.boundInput.map { Shape([1] + $0.dropFirst().compactMap(\.fixedSize)) },
            threads: threads == 0 ? nil : threads, onSample: { progress.update($0) })
    }

    private func chosen(from data: TrainingData?) -> (samples: TrainingData?, kind: ResultCheck.Samples) {
        guard let data else { return (nil, .random) }
        let judges = data.judges()
        let samples = judges.samples.sample(ResultCheck.mostSamples, seed: data.holdOut.seed)
        return (samples, judges.areHeldOut ? .heldOut : .all)
    }

    private func knownClasses(_ data: TrainingData?) -> Int? {
        guard let data, data.isLabelled else {
            return source.facts.classNames.isEmpty ? nil : source.facts.classNames.count
        }
        return data.dataset.classNames.count
    }
}

extension ResultCheck {
    /// As in `accuracy 93.6 -> 92.8 %, agreement 97.9 %, signal-to-noise ratio 24.3 dB (on 96 held-out samples)`.
    var summary: String { summary { "\($0) -> \($1) %" } }

    /// Of a check beside a teacher, as in `accuracy 95.8 %, agreement 97.9 %, signal-to-noise ratio 14.2 dB (on ...)`.
    var teacherSummary: String { summary { before, _ in "\(before) %" } }

    /// As in `accuracy 9.0 -> 96.0 % (on 96 held-out samples)`: of a model that learned its labels, and was not to stay as it
    /// was.
    var learningSummary: String {
        var accuracy = self
        if accuracyAfter != nil { (accuracy.agreement, accuracy.outputs) = (nil, []) }
        return accuracy.summary
    }

    private func summary(accuracy: (_ before: Double, _ after: Double) -> String) -> String {
        func percent(_ share: Double) -> Double { (share * 100).rounded(places: 1) }
        var parts: [String] = []
        if let accuracyBefore, let accuracyAfter {
            parts.append("accuracy \(accuracy(percent(accuracyBefore), percent(accuracyAfter)))")
        }
        if let agreement { parts.append("agreement \(percent(agreement)) %") }
        if !outputs.isEmpty {
            parts.append(
                decibels.map { "signal-to-noise ratio \($0.rounded(places: 1)) dB" } ?? "outputs exactly as before")
        }
        return parts.joined(separator: ", ") + " (on \(place))"
    }

    /// As in `96 held-out samples`.
    private var place: String {
        let plural = count == 1 ? "" : "s"
        return switch samples {
        case .heldOut: "\(count) held-out sample\(plural)"
        case .all: "all \(count) sample\(plural)"
        case .random: "\(count) random input\(plural)"
        }
    }
}
