import ArgumentParser
import BantamEdge
import BantamGraph
import BantamMedia
import BantamModel
import BantamTraining

struct Predict: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the classes that a model most likely sees in images or videos.",
        discussion: "As the runtime on the device computes them. Of a video it sees one clip, from the middle.")

    @Argument(help: "An ONNX file.", completion: .model)
    var model: String

    @Argument(help: "Images, videos or .npy files.", completion: .file())
    var files: [String]

    @Option(parsing: .unconditional, help: "Classes to print for each file, the most likely first.")
    var top = 5

    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var model: String
        var predictions: [Prediction]
    }

    struct Prediction: Encodable {
        var file: String
        var classes: [Share]
    }

    struct Share: Encodable {
        /// Its number, from 0, where the classes have no names.
        var name: String
        var probability: Float

        enum CodingKeys: String, CodingKey {
            case name = "class"
            case probability
        }
    }

    func validate() throws {
        guard top > 0 else { throw ValidationError("--top must be at least 1.") }
    }

    /// As the model or the user says; a model that takes bytes is given the pixels as they are.
    private func preprocessing(of source: ModelSource, for files: MediaFiles) throws -> Preprocessing {
        guard source.facts.preprocessing != nil || source.graph.inputs.first?.dtype == .uint8 else {
            throw CommandError.missingPreprocessing(model)
        }
        return try source.preprocessing(for: model, training: files)
    }

    func execute(console: Console) throws -> Output {
        let source = try ModelSource(model, chosen: try input.chosen())
        let task = try source.task()
        let names = source.facts.classNames
        guard let classes = task.classCount else {
            throw CommandError.noClasses(model, output: source.graph.firstOutput)
        }
        guard names.isEmpty || names.count == classes else {
            throw CommandError.labelCount(model, names: names.count, classes: classes)
        }
        let media = try MediaFiles(files)
        let data = TrainingData(media, preprocessing: try preprocessing(of: source, for: media))
        try source.requireInput(from: data)

        // One at a time, as on the device: dynamic quantization sees a sample beside the others in its batch.
        let options = SessionOptions(threads: common.threads == 0 ? nil : common.threads, batchSize: 1)
        let session = try InferenceSession(contentsOf: model, options: options)
        let batches = try data.batches(size: 1).loader.batches(epoch: 0)
        var predictions: [Prediction] = []
        let progress = Progress("predicting", on: console)
        try Evaluation.scores(session, task: task, nextImages: { try batches.next()?.inputs }) { scores, _ in
            let file = files[predictions.count]
            guard scores.allSatisfy(\.isFinite) else { throw CommandError.notFiniteScores(model, sample: file) }
            let ranked = task.probabilities(of: scores).enumerated().sorted {
                ($1.element, $0.offset) < ($0.element, $1.offset)
            }
            let shares = ranked.prefix(top).map {
                Share(name: names.isEmpty ? "\($0.offset)" : names[$0.offset], probability: $0.element)
            }
            predictions.append(Prediction(file: file, classes: shares))
            progress.update(Double(predictions.count) / Double(files.count))
        }
        console.note(filesOf: data)
        return Output(model: model, predictions: predictions)
    }

    func text(of output: Output) -> String {
        let width = (output.predictions.flatMap(\.classes).map(\.name.count).max() ?? 0) + 2
        return output.predictions.map { prediction in
            let lines = prediction.classes.map { share in
                "  \(share.name.padding(to: width))\((Double(share.probability) * 100).rounded(places: 2)) %"
            }
            return ([prediction.file] + lines).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}

extension Graph {
    /// The first output's name, for people.
    fileprivate var firstOutput: String { outputs.first.map { self[$0].name } ?? "missing" }
}
