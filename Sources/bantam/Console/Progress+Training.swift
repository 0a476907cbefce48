import BantamPipeline
import BantamTraining

extension Progress {
    /// Follows a training.
    func observe(_ event: TrainingEvent) {
        switch event {
        case .stepEnded(let step, let total, let loss, _):
            update(Double(step) / Double(total), "loss \(loss.rounded(places: 3))")
        case .teacherAsked(let name, let share):
            update(share, "asking \(name)")
        case .resumed(let epoch):
            update(0, "going on after epoch \(epoch)")
        case .epochEnded, .checkpointStored:
            break
        }
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
