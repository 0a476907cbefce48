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

    private static let presets: [String: Preprocessing] = [
        "imagenet": .imageNet(), "cifar10": .cifar10, "mnist": .mnist, "kinetics": .kinetics(),
    ]

    /// What was asked for; `nil` where nothing was.
    func chosen() throws -> Preprocessing? {
        guard let preprocessing else { return nil }
        if let preset = Self.presets[preprocessing] { return preset }
        guard let text = FileManager.default.contents(atPath: preprocessing) else {
            throw CommandError.unknownPreprocessing(preprocessing, known: Self.presets.keys.sorted())
        }
        do throws(MediaError) {
            return try Preprocessing(json: String(decoding: text, as: UTF8.self))
        } catch {
            throw error.located(inFile: preprocessing)
        }
    }
}
