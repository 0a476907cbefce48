import ArgumentParser
import BantamCompression
import BantamGraph
import BantamMedia
import BantamReport
import FoundationEssentials

struct Slim: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a model, makes it small by every method, and reports what each gained and cost.",
        discussion: """
            Runs a recipe: by default a small CNN and its teacher are trained, and the CNN is pruned, quantized, \
            distilled, restructured, and all of it in a chain. Every model is written as ONNX, and measured as such.
            """)

    @Option(help: "A folder of images, DIR/{train,test}/CLASS/*.png, or of an IDX pair.", completion: .directory)
    var data: String

    @Option(name: [.short, .long], help: "The folder for models and reports.", completion: .directory)
    var output = "slim"

    @Option(help: "A recipe in JSON; --print-recipe shows the default one.", completion: .file(extensions: ["json"]))
    var recipe: String?

    @Flag(help: "Print the recipe instead of running it.")
    var printRecipe = false

    @OptionGroup var common: CommonOptions

    func execute(console: Console) throws -> RunRecord {
        let recipe = try loadRecipe()
        return try SlimRun(recipe: recipe, dataPath: data, output: output, common: common, console: console).run()
    }

    func text(of record: RunRecord) -> String {
        record.table.plainText() + "\nModels, report.json and report.md are in \(output).\n"
    }

    func run() throws {
        guard printRecipe else { return try runReporting() }
        try Console(printsJSON: true).result(try loadRecipe())
    }

    private func loadRecipe() throws -> Recipe {
        guard let recipe else { return .fourMethods(seed: common.seed) }
        return try RecipeFile.read(recipe)
    }
}
