import BantamGraph
import BantamTraining

/// The course of trainings, as a file of comma-separated values and as curves of one line.
enum TrainingLog {
    /// Writes every epoch of the trainings beside a model: for `small.onnx`, `small.training.csv`.
    static func write(_ trainings: [TrainingSummary], beside output: String) throws {
        let stem =
            [".onnx.gz", ".onnx"].first(where: output.hasSuffix).map { String(output.dropLast($0.count)) } ?? output
        try AtomicFile.write(csv(of: trainings), to: "\(stem).training.csv")
    }

    /// A line an epoch; an empty field where nothing was measured.
    static func csv(of trainings: [TrainingSummary]) -> String {
        func field(_ number: Double?) -> String { number.map { "\($0)" } ?? "" }
        var lines = ["training,epoch,loss,accuracy,held_out_loss,held_out_accuracy,learning_rate,seconds,best"]
        for (index, training) in trainings.enumerated() {
            for epoch in training.history {
                let fields = [
                    "\(index + 1)", "\(epoch.epoch)", field(epoch.loss), field(epoch.accuracy),
                    field(epoch.heldOutLoss),
                    field(epoch.heldOutAccuracy), field(epoch.learningRate), field(epoch.seconds),
                    epoch.epoch == training.bestEpoch ? "1" : "0",
                ]
                lines.append(fields.joined(separator: ","))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension TrainingSummary {
    /// As in `loss █▅▃▂▁ 2.31 to 0.21; held out ▁▄▆▇█ 10 to 93.6 %, best in epoch 5`; `nil` for one epoch.
    var curves: String? {
        let losses = history.compactMap(\.loss)
        guard losses.count > 1, let first = losses.first, let last = losses.last else { return nil }
        var text = "loss \(losses.curve) \(first.rounded(places: 3)) to \(last.rounded(places: 3))"
        let shares = history.compactMap(\.heldOutAccuracy)
        let heldOut = shares.isEmpty ? history.compactMap(\.heldOutLoss) : shares
        guard let start = heldOut.first, let end = heldOut.last else { return text }
        text += "; held out \(heldOut.curve) "
        text +=
            shares.isEmpty
            ? "\(start.rounded(places: 3)) to \(end.rounded(places: 3))"
            : "\((start * 100).rounded(places: 1)) to \((end * 100).rounded(places: 1)) %"
        if let bestEpoch { text += ", best in epoch \(bestEpoch)" }
        return text
    }
}

extension [Double] {
    private static let widest = 40

    /// A bar for each number, or for each group of them where there are many: `▁▃▅█`.
    fileprivate var curve: String {
        let step = Swift.max((count + Self.widest - 1) / Self.widest, 1)
        let shown = stride(from: 0, to: count, by: step).map { self[$0] }.filter(\.isFinite)
        guard let least = shown.min(), let most = shown.max() else { return "" }
        let bars = [Character]("▁▂▃▄▅▆▇█")
        let span = most > least ? most - least : 1
        return shown.map { String(bars[Int(($0 - least) / span * Double(bars.count - 1) + 0.5)]) }.joined()
    }
}
