import ArgumentParser
import BantamGraph
import BantamMedia
import BantamPipeline
import BantamReport
import BantamTraining
import FoundationEssentials

struct Slim: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a model, makes it small by every method, and reports what each gained and cost.",
        discussion: """
            Runs a recipe. Given a model, it is pruned, quantized and both. By default a small CNN and its teacher are trained, and the CNN is pruned, quantized, \
            distilled, restructured, and all of it in a chain. Every model is written as ONNX, and measured as such.
            """)

    @Argument(
        help: "An ONNX file to slim; without one a small CNN is trained first.", completion: .model
    )
    var model: String?

    @Option(help: "A folder of images, DIR/{train,test}/CLASS/*.png, or of an IDX pair.", completion: .directory)
    var data: String

    @Option(name: [.short, .long], help: "The folder for models and reports.", completion: .directory)
    var output = "slim"

    @Option(help: "A recipe in JSON; --print-recipe shows the default one.", completion: .file(extensions: ["json"]))
    var recipe: String?

    @Flag(help: "Print the recipe instead of running it.")
    var printRecipe = false

    @OptionGroup var limits: LimitOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    func execute(console: Console) throws -> RunRecord {
        var input = try model.map { try ModelSource($0, chosen: try self.input.chosen()) }
        try input?.freeBatch()
        let recipe = try loadRecipe(for: input)
        return try SlimRun(
            recipe: recipe, input: input, dataPath: data, output: output, limits: limits.limits, common: common,
            console: console
        ).run()
    }

    func text(of record: RunRecord) -> String {
        record.table.plainText() + "\nModels, report.json and report.md are in \(output).\n"
    }

    func status(of record: RunRecord) -> ExitStatus {
        record.variants.contains { OutputFolder.isRejected($0.file) } ? .unmetBudget : .success
    }

    func run() throws {
        guard printRecipe else { return try report() }
        try Console(printsJSON: true).result(try loadRecipe(for: nil))
    }

    /// - Parameter input: The model to slim, from which the batch size of the default recipe follows; `nil` before it is read.
    private func loadRecipe(for input: ModelSource?) throws -> Recipe {
        if let recipe { return try RecipeFile.read(recipe) }
        guard model != nil else { return .fourMethods(seed: common.seed) }
        guard let input else { return .givenModel(seed: common.seed) }
        let samples = try input.data(at: data, split: .train)
        return .givenModel(
            seed: common.seed, batchSize: try BatchSize.usual(for: input.graph, samples: samples.count),
            augmentation: try Augmentation.usual(for: samples.dataset, as: samples.preprocessing))
    }
}
