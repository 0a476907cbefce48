import BantamGraph

// Every text of a `TrainingError`.

extension CodedError<TrainingErrorCode> {
    static var noData: Self { Self(.noData, "There are too few training samples for one batch; lower the batch size.") }

    static func diverged(step: Int, loss: Double, rate: Double, tries: Int) -> Self {
        Self(
            .diverged,
            "The training diverged \(tries) times, the last time at step \(step) with a loss of \(loss) at a learning rate of "
                + "\(rate), though the rate was halved each time; check the model and its preprocessing, or lower "
                + "--learning-rate.")
    }

    static func otherOutputs(_ shapes: [Shape], teacher: [Shape]) -> Self {
        func list(_ shapes: [Shape]) -> String { shapes.map { "\($0)" }.joined(separator: ", ") }
        return Self(
            .otherOutputs,
            "The model's outputs are \(list(shapes)) and the teacher's \(list(teacher)); a model learns from one of the same "
                + "outputs.")
    }

    static var nothingToMatch: Self {
        Self(
            .otherOutputs,
            "The teacher's outputs are constant or hold no floating-point numbers, so there is nothing to learn from them."
        )
    }

    static func unknownLayer(_ name: String) -> Self {
        Self(
            .unknownLayer,
            "The model has no node \(name) to freeze its layers up to; `bantam inspect --graph` lists the names.")
    }

    static var nothingToLearn: Self {
        Self(.unknownLayer, "With these layers frozen nothing is left to learn; freeze fewer.")
    }

    static var otherOrigin: Self {
        Self(
            .otherModel,
            "The checkpoint belongs to a training of another model, data set or teacher; use another checkpoint folder, or "
                + "delete it.")
    }

    static func invalidCheckpoint(_ path: String) -> Self {
        Self(
            .invalidCheckpoint, "The file is no checkpoint of Bantam's; delete it to start over.",
            location: ErrorLocation(file: path))
    }

    static var otherConfiguration: Self {
        Self(
            .otherConfiguration,
            """
            The checkpoint belongs to a training with other settings; only the number of epochs may be another. Use \
            another checkpoint folder, or delete it.
            """)
    }

    static var otherModel: Self {
        Self(
            .otherModel,
            "The checkpoint belongs to a training of another model; use another checkpoint folder, or delete it.")
    }

    static func unwritableFolder(_ path: String, reason: String) -> Self {
        Self(
            .unwritableFolder, "The folder cannot be made: \(reason).", location: ErrorLocation(file: path))
    }
}
