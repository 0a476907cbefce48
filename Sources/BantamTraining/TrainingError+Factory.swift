import BantamGraph

// Every text of a `TrainingError`.

extension CodedError<TrainingErrorCode> {
    static var noData: Self { Self(.noData, "There are too few training samples for one batch; lower the batch size.") }

    static func diverged(step: Int, rate: Double) -> Self {
        Self(
            .diverged,
            "The loss is no longer a finite number at step \(step), at a learning rate of \(rate); lower the rate.")
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
