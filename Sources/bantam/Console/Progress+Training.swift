import BantamPipeline
import BantamTraining

extension Progress {
    /// Follows a training: a bar for the step, and a line for each epoch.
    func observe(_ event: TrainingEvent) {
        switch event {
        case .working(let part, let share):
            update(share, part)
        case .started(let samples, let heldOut, let batchSize):
            note(
                "\(samples) training samples in batches of \(batchSize)"
                    + (heldOut > 0 ? ", \(heldOut) held out to judge epochs by" : ""))
        case .classifierFitted(let record):
            note(record.note)
        case .stepEnded(let step, let total, let loss, _):
            update(Double(step) / Double(total), "loss \(loss.rounded(places: 3))")
        case .teacherAsked(let name, let share):
            update(share, "asking \(name)")
        case .resumed(let epoch):
            note("going on after epoch \(epoch)")
        case .epochEnded(let record, let total, let isBest):
            note(record.line(of: total, isBest: isBest))
        case .rolledBack(let epoch, let loss, let factor):
            note(
                "the loss diverged (\(loss.rounded(places: 3))): back to the weights after epoch \(epoch), at "
                    + "\(factor.rounded(places: 4)) times the learning rate")
        case .checkpointStored:
            break
        }
    }
}

extension EpochRecord {
    /// As in `epoch 3 of 10: loss 0.412, accuracy 88.3 %; held out 0.391, accuracy 90.1 % (best so far); rate 0.0079; 41 s, 96 s left`.
    fileprivate func line(of total: Int, isBest: Bool) -> String {
        func figures(_ loss: Double?, _ accuracy: Double?) -> String? {
            guard let loss else { return nil }
            let share = accuracy.map { ", accuracy \(($0 * 100).rounded(places: 1)) %" } ?? ""
            return "\(loss.rounded(places: 3))\(share)"
        }
        var parts: [String] = []
        if let own = figures(loss, accuracy) { parts.append("loss \(own)") }
        if let heldOut = figures(heldOutLoss, heldOutAccuracy) {
            parts.append("held out \(heldOut)" + (isBest && epoch > 0 ? " (best so far)" : ""))
        }
        guard epoch > 0 else { return "before: " + parts.joined(separator: "; ") }
        if let learningRate { parts.append("rate \(learningRate.rounded(places: 5))") }
        let left = seconds / Double(epoch) * Double(total - epoch)
        parts.append("\(seconds.rounded(places: 1)) s" + (epoch < total ? ", \(left.rounded(places: 0)) s left" : ""))
        return "epoch \(epoch) of \(total): " + parts.joined(separator: "; ")
    }
}

extension StepRunner.Outcome {
    /// How the step ended, for people.
    var outcome: String {
        guard let training else { return "done" }
        let accuracy = training.bestAccuracy.map { ", \(($0 * 100).rounded(places: 2)) % on held-out data" }
        let loss = training.bestValidationLoss.map { ", \($0.rounded(places: 3)) on held-out data" }
        return "loss \(training.finalLoss.rounded(places: 3))\(accuracy ?? loss ?? "")"
    }
}
