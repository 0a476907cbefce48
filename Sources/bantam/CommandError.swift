import BantamGraph

/// What can be wrong with the use of a command, beyond what the argument parser sees.
enum CommandErrorCode: String, ErrorCode {
    case unknownVariant
    case unknownPreprocessing
    case recipeWithoutModel
    case invalidRecipe
    case invalidMetadata
    case classMismatch
    case otherClasses
    case otherOutputs
    case sampleMismatch
    case labelCount
    case invalidLabels
    case unusableInputShape
    case noClassifier
    case missingPreprocessing
    case notFiniteScores
    case unwritableFolder
    case noFile
    case quantizedModel
    case tooLittleMemory
    case notFiniteResult
    case limitBroken

    var category: ErrorCategory {
        switch self {
        case .unknownVariant, .unknownPreprocessing, .recipeWithoutModel, .tooLittleMemory,
            .unusableInputShape:
            .usage
        case .limitBroken: .unmetBudget
        case .notFiniteResult, .invalidRecipe, .invalidMetadata, .classMismatch, .otherClasses, .otherOutputs,
            .sampleMismatch,
            .labelCount, .missingPreprocessing, .notFiniteScores, .invalidLabels, .noClassifier, .unwritableFolder,
            .noFile, .quantizedModel:
            .badInput
        }
    }
}

typealias CommandError = CodedError<CommandErrorCode>

extension CodedError<CommandErrorCode> {
    static func unknownPreprocessing(_ name: String, known: [String]) -> Self {
        Self(
            .unknownPreprocessing,
            "There is no preprocessing \(name), nor a file of that name; there are \(known.joined(separator: ", ")).")
    }

    static func unknownVariant(_ name: String, in variant: String) -> Self {
        Self(.unknownVariant, "The variant \(variant) starts from \(name), which is not made before it.")
    }

    static var recipeWithoutModel: Self {
        Self(
            .recipeWithoutModel,
            "The recipe starts from a given model, and none is; add its ONNX file, or an architecture to the recipe.")
    }

    static func invalidRecipe(_ path: String, reason: String) -> Self {
        Self(
            .invalidRecipe, "The file is no recipe (\(reason)); `bantam slim --print-recipe` shows one.",
            location: ErrorLocation(file: path))
    }

    static func invalidMetadata(_ path: String, reason: String) -> Self {
        Self(
            .invalidMetadata,
            "What the model says about its preprocessing or classes cannot be read (\(reason)); export it again.",
            location: ErrorLocation(file: path))
    }

    /// - Parameter names: The model's classes; empty where they have no names.
    static func classMismatch(
        _ path: String, outputs: Int, classes: [String], data: String, names: [String]
    ) -> Self {
        let unknown = classes.first { !names.contains($0) } ?? classes.first ?? ""
        if !names.isEmpty, outputs == classes.count {
            let missing = names.first { !classes.contains($0) } ?? ""
            return Self(
                .classMismatch,
                "The data in \(data) have a class \(unknown), which the model does not know (it has \(missing)); give the folders "
                    + "the model's names, or say with --labels which names its outputs have.",
                location: ErrorLocation(file: path))
        }
        let hint =
            names.isEmpty
            ? "or name the model's classes with --labels, if the data has only some of them"
            : "or give --labels with the data's names: the model knows no class \(unknown)"
        return Self(
            .classMismatch,
            "The model has \(outputs) classes, and \(data) has \(classes.count); use the data set it was made "
                + "for, \(hint).", location: ErrorLocation(file: path))
    }

    static func otherClasses(_ path: String, _ classes: Int, other: String, _ otherClasses: Int) -> Self {
        Self(
            .otherClasses,
            "The model has \(classes) classes and \(other) \(otherClasses); only models of the same classes can be compared.",
            location: ErrorLocation(file: path))
    }

    /// For two models that tell as many classes apart, but not the same.
    static func otherClassNames(_ path: String, _ name: String, other: String, _ otherName: String) -> Self {
        Self(
            .otherClasses,
            "The model has the class \(name) where \(other) has \(otherName); only models of the same classes, in the same "
                + "order, can be compared.", location: ErrorLocation(file: path))
    }

    static func otherOutputs(_ path: String, _ outputs: Int, other: String, _ otherOutputs: Int) -> Self {
        Self(
            .otherOutputs,
            "The model has \(outputs) output\(outputs == 1 ? "" : "s") and \(other) \(otherOutputs); give a model and what "
                + "was made from it.", location: ErrorLocation(file: path))
    }

    /// - Parameters:
    ///   - sample: Without the batch, as is `expected`.
    static func sampleMismatch(_ path: String, sample: Shape, expected: String) -> Self {
        Self(
            .sampleMismatch,
            "The model takes samples of \(expected), and the data give \(sample); say with --preprocessing how they become "
                + "its input.", location: ErrorLocation(file: path))
    }

    static func labelCount(_ path: String, names: Int, classes: Int) -> Self {
        Self(
            .labelCount,
            "There are names for \(names) classes where the model has \(classes); give one name for each.",
            location: ErrorLocation(file: path))
    }

    static func invalidLabels(_ path: String, reason: String) -> Self {
        Self(
            .invalidLabels, "The file is no list of class names, one a line: \(reason).",
            location: ErrorLocation(file: path))
    }

    static func unusableInputShape(_ shape: Shape, smallest: Shape, of name: String) -> Self {
        Self(
            .unusableInputShape,
            "\(name) cannot take an input of \(InputShape.description(of: shape)); \(smallest[0]) channels and at least "
                + "\(InputShape.description(of: smallest)) are needed.")
    }

    static func inputCount(_ path: String, _ count: Int) -> Self {
        Self(
            .noClassifier,
            count == 0
                ? "The model takes no input, so no data can be given to it."
                : "The model takes \(count) inputs, and data for more than one are not supported; `prune` and `quantize "
                    + "--weights-only` or `--dynamic` work without --data.", location: ErrorLocation(file: path))
    }

    static func noClassifier(_ path: String) -> Self {
        Self(
            .noClassifier,
            "The model gives no class scores, so its answers cannot be compared; compare its outputs by their "
                + "signal-to-noise ratio (--min-snr).",
            location: ErrorLocation(file: path))
    }

    static func noClasses(_ path: String, output: String) -> Self {
        Self(
            .noClassifier,
            "The model gives no class scores (its first output is \(output)), so there is none to predict; give a "
                + "classifier, or compare two models with `bantam evaluate --against`.",
            location: ErrorLocation(file: path))
    }

    static func missingPreprocessing(_ path: String) -> Self {
        Self(
            .missingPreprocessing,
            "The model does not say how images become its input; say it with --preprocessing, as in --preprocessing "
                + "imagenet or a JSON file.", location: ErrorLocation(file: path))
    }

    static func notFiniteScores(_ path: String, sample: String) -> Self {
        Self(
            .notFiniteScores,
            "The model's scores for \(sample) hold NaN or infinity; use another model, or float32 weights.",
            location: ErrorLocation(file: path))
    }

    static func unwritableFolder(_ path: String, reason: String) -> Self {
        Self(
            .unwritableFolder, "The folder cannot be written to (\(reason)); choose another or make it writable.",
            location: ErrorLocation(file: path))
    }

    static func noFile(_ path: String) -> Self {
        Self(
            .noFile, "There is something else than a file here; choose another path for the output.",
            location: ErrorLocation(file: path))
    }

    static func notFiniteResult(_ path: String, outputs: [String]) -> Self {
        Self(
            .notFiniteResult,
            "The changed model's output \(outputs.joined(separator: ", ")) holds NaN or infinity where the original's does not, "
                + "so nothing was written; lower the learning rate, or leave out the step that harms it.",
            location: ErrorLocation(file: path))
    }

    /// - Parameter violation: A clause.
    static func limitBroken(_ violation: String, rejected: String) -> Self {
        Self(.limitBroken, "\(violation), so the model is in \(rejected); loosen the limit, or change the model less.")
    }

    static func tooLittleMemory(_ path: String, batch: Int, needed: ByteCount, available: ByteCount) -> Self {
        Self(
            .tooLittleMemory,
            "A batch of \(batch) needs \(needed) of memory at least, and the machine has \(available); lower --batch.",
            location: ErrorLocation(file: path))
    }
}
