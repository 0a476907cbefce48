import BantamMedia
import BantamModel
import BantamTraining

extension StepRunner {
    /// What answers for the teacher during a training: stored answers where samples come as they are, and the model itself
    /// where the training changes them.
    func teacher(
        named name: String, for training: TrainingConfiguration, _ observe: (TrainingEvent) throws -> Void
    ) throws -> any Teacher {
        if training.augmentation.isEmpty, let answers = answers[name] { return answers }
        let model = try teacher(name)
        let teachers = try model.data ?? data()
        guard training.augmentation.isEmpty else {
            try requireSameInput(teachers, name)
            return try liveTeacher(model.graph, training.precision).remembering(during: training)
        }
        let logits = try TeacherLogits(of: liveTeacher(model.graph), on: teachers) { share in
            try observe(.teacherAsked(name: name, share: share))
        }
        answers[name] = logits
        return logits
    }
}

extension Preprocessing {
    /// Without what only says how many inputs a sample is judged by.
    var forOneInput: Preprocessing {
        var preprocessing = self
        preprocessing.clip?.clipCount = 1
        preprocessing.clip?.cropCount = 1
        return preprocessing
    }
}
