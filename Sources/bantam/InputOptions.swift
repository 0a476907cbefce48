import ArgumentParser
import BantamMedia
import FoundationEssentials

/// How images become a model's input, for models that do not say so themselves.
struct InputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How images become the model's input: imagenet, cifar10, mnist, kinetics, or a JSON file.",
            discussion: """
                By default what the model's metadata says; a model that says nothing gets images scaled to its input and \
                normalized by the mean and deviation of the training data.
                """, valueName: "name-or-file"))
    var preprocessing: String?

    @Option(
        help: ArgumentHelp(
            "A text file with the name of one class a line, in the order of the model's outputs.",
            discussion: """
                By default what the model's metadata says. Where the model's classes have names, the classes of the data \
                are found among them by name, so that data may have fewer of them.
                """), completion: .file(extensions: ["txt"]))
    var labels: String?

    private static let presets: [String: Preprocessing] = [
        "imagenet": .imageNet(), "cifar10": .cifar10, "mnist": .mnist, "kinetics": .kinetics(),
    ]

    /// Whether it is a convention that has a name, and not one that was spelled out for the model.
    static func isPreset(_ preprocessing: Preprocessing) -> Bool { presets.values.contains(preprocessing) }

    /// What was asked for, in place of what the model says of itself.
    func chosen() throws -> ModelFacts {
        ModelFacts(
            preprocessing: try preprocessing.map { try Self.preprocessing(named: $0) },
            classNames: try labels.map { try ClassNames.read($0) } ?? [])
    }

    /// A convention with a name, or what a JSON file says.
    static func preprocessing(named preprocessing: String) throws -> Preprocessing {
        if let preset = Self.presets[preprocessing] { return preset }
        guard let text = FileManager.default.contents(atPath: preprocessing) else {
            throw CommandError.unknownPreprocessing(preprocessing, known: presets.keys.sorted())
        }
        do throws(MediaError) {
            return try Preprocessing(json: String(decoding: text, as: UTF8.self))
        } catch {
            throw error.located(inFile: preprocessing)
        }
    }
}
