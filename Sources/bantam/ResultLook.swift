import BantamEdge
import BantamGraph
import BantamModel
import BantamONNX
import BantamPipeline
import BantamTraining

/// Lets the files of an original and of what was made from it be compared before the command says that it is done.
struct ResultLook {
    var source: ModelSource
    var threads: Int
    var seed: UInt64
    var console: Console

    /// - Parameters:
    ///   - graph: As it will be written.
    ///   - data: What was trained on, as the original takes it.
    /// - Returns: The check, or why there is none.
    func check(of graph: Graph, on data: TrainingData?) throws -> (check: ResultCheck?, note: String?) {
        try OutputFolder.temporary { folder in
            let path = "\(folder)/changed.onnx"
            try ONNXFile.write(graph, to: path)
            do {
                return (try check(of: path, graph, on: data), nil)
            } catch let error as EdgeError {
                return (nil, "the result was not looked at, as the runtime does not take it: \(error.message)")
            }
        }
    }

    private func check(of path: String, _ graph: Graph, on data: TrainingData?) throws -> ResultCheck {
        let progress = Progress("looking at the result", on: console)
        let (samples, kind) = chosen(from: data)
        let changed = samples.map { samples in
            graph.inputs.first?.dtype == .uint8 && source.graph.inputs.first?.dtype != .uint8
                ? TrainingData(samples.dataset, preprocessing: samples.preprocessing.leavingBytes) : samples
        }
        return try ResultCheck(
            of: .init(path, task: try TaskDescription(of: graph, knownClasses: knownClasses(data)), data: changed),
            against: .init(source.path, task: try source.task(on: data?.dataset), data: samples), on: kind,
            shape: source.boundInput.map { Shape([1] + $0.dropFirst().compactMap(\.fixedSize)) },
            threads: threads == 0 ? nil : threads, onSample: { progress.update($0) })
    }

    /// Held-out samples where there are enough to set some aside.
    private func chosen(from data: TrainingData?) -> (samples: TrainingData?, kind: ResultCheck.Samples) {
        guard let data else { return (nil, .random) }
        let heldOut = data.settingAside(seed: seed).heldOut
        return ((heldOut ?? data).sample(ResultCheck.mostSamples, seed: seed), heldOut == nil ? .training : .heldOut)
    }

    private func knownClasses(_ data: TrainingData?) -> Int? {
        guard let data, data.isLabelled else {
            return source.facts.classNames.isEmpty ? nil : source.facts.classNames.count
        }
        return data.dataset.classNames.count
    }
}

extension ResultCheck {
    /// As in `93.6 -> 92.8 % right of 96 held-out samples, 97.9 % answered as before, 24.3 dB`.
    var summary: String {
        var parts: [String] = []
        if let accuracyBefore, let accuracyAfter {
            let (before, after) = ((accuracyBefore * 100).rounded(places: 1), (accuracyAfter * 100).rounded(places: 1))
            parts.append("\(before) -> \(after) % right")
        }
        if let agreement { parts.append("\((agreement * 100).rounded(places: 1)) % answered as before") }
        if !outputs.isEmpty {
            parts.append(
                decibels.map { "signal-to-noise ratio \($0.rounded(places: 1)) dB" } ?? "outputs exactly as before")
        }
        let name =
            switch samples {
            case .heldOut: "held-out sample"
            case .training: "training sample"
            case .random: "random input"
            }
        return parts.joined(separator: ", ") + " (on \(count) \(name)\(count == 1 ? "" : "s"))"
    }
}
