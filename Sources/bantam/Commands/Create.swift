import ArgumentParser
import BantamGraph
import BantamMedia
import BantamNetwork
import BantamONNX
import BantamTraining

struct Create: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a built-in architecture, with published weights or random ones.",
        discussion: """
            Weights load by name. A file for another number of classes fills all but the classifier, which starts at \
            random; the output says so.
            """)

    @Argument(help: "The architecture's name; see --list.")
    var name: String?

    @Flag(help: "List the architectures.")
    var list = false

    @Option(help: "The number of classes; by default as published, or as --labels has names.")
    var classes: Int?

    @Option(
        help: "A weight file to start from: PyTorch's (.pth, .pt, .th) or safetensors.",
        completion: .file(extensions: ["pth", "pt", "th", "safetensors"]))
    var weights: String?

    @Flag(help: "Leave weights that the file lacks at random, and tensors that have no place aside.")
    var partial = false

    @Option(help: "A text file with the name of one class a line.", completion: .file(extensions: ["txt"]))
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "The input's size: 3x224x224, or 3x16x112x112 for clips; by default as published.", valueName: "CxHxW"))
    var inputShape: InputShape?

    @Option(name: [.short, .long], help: outputHelp, completion: .model)
    var output: String?

    @OptionGroup var common: CommonOptions

    struct Entry: Encodable {
        var name: String
        var summary: String
        var input: Shape
        var classes: Int
        var parameters: Int
    }

    struct Output: Encodable {
        var file: String?
        var architectures: [Entry]
        var weights: LoadedWeights?
    }

    func validate() throws {
        guard !list else { return }
        guard name != nil else { throw ValidationError("Name an architecture, or use --list.") }
        guard output != nil else { throw ValidationError("Say where to write the model: -o model.onnx.") }
        guard (1...1_000_000).contains(classes ?? 1) else {
            throw ValidationError("--classes must be between 1 and 1000000.")
        }
        guard !partial || weights != nil else { throw ValidationError("--partial is about --weights.") }
    }

    func execute(console: Console) throws -> Output {
        guard !list, let name, let output else {
            return Output(file: nil, architectures: Architectures.variants.map { entry($0, $0.published) })
        }
        let variant = try Architectures.variant(named: name)
        try OutputFolder.requirePlace(for: output)
        let classNames = try labels.map { try ClassNames.read($0) } ?? []
        let settings = try settings(of: variant, classNames: classNames)
        var (graph, loaded) = try graph(of: variant, settings)
        if let convention = variant.inputConvention {
            let preprocessing = try Preprocessing(
                convention, inputShape: settings.inputShape, publishedShape: variant.published.inputShape)
            try ModelFacts(preprocessing: preprocessing, classNames: classNames).store(in: &graph)
        } else {
            try ModelFacts(classNames: classNames).store(in: &graph)
        }
        do throws(GraphError) {
            try Verifier.verify(graph, rules: Verifier.rules + [.requireFiniteWeights])
        } catch {
            throw error.located(inFile: weights ?? output)
        }
        try ONNXFile.write(graph, to: output)
        return Output(file: output, architectures: [entry(variant, settings)], weights: loaded)
    }

    private func settings(of variant: ArchitectureVariant, classNames: [String]) throws -> ArchitectureSettings {
        var settings = variant.published
        if let shape = inputShape?.shape {
            try variant.requireUsable(shape)
            settings.inputShape = shape
        }
        if let labels, let classes, classes != classNames.count {
            throw CommandError.labelCount(labels, names: classNames.count, classes: classes)
        }
        settings.classCount = classes ?? (classNames.isEmpty ? settings.classCount : classNames.count)
        return settings
    }

    private func graph(
        of variant: ArchitectureVariant, _ settings: ArchitectureSettings
    ) throws -> (Graph, LoadedWeights?) {
        func graph(_ weights: InitialWeights) -> Graph {
            variant.graph(classCount: settings.classCount, inputShape: settings.inputShape, weights: weights)
        }
        let random = InitialWeights.random(seed: common.seed)
        guard let weights else { return (graph(random), nil) }
        let file = try WeightFile.read(weights)
        // What the file fills need not be drawn.
        var filled = graph(.zeros)
        let plan: WeightPlan
        do throws(NetworkError) {
            plan = try WeightLoading.plan(for: filled, from: file, isPartial: partial)
        } catch {
            throw error.located(inFile: weights)
        }
        if !plan.unloaded.isEmpty { filled = graph(random) }
        WeightLoading.apply(plan, from: file, to: &filled)
        return (filled, LoadedWeights(file: weights, format: file.format, path: file.path, plan: plan))
    }

    private func entry(_ variant: ArchitectureVariant, _ settings: ArchitectureSettings) -> Entry {
        let classCount = list ? classes ?? settings.classCount : settings.classCount
        let graph = variant.graph(classCount: classCount, inputShape: settings.inputShape, weights: .zeros)
        return Entry(
            name: variant.name, summary: variant.summary, input: settings.inputShape, classes: classCount,
            parameters: graph.parameters.reduce(0) { $0 + (graph.constants[$1]?.elementCount ?? 0) })
    }
}

// MARK: - Text

extension Create {
    func text(of output: Output) -> String {
        guard let file = output.file, let entry = output.architectures.first else { return listing(of: output) }
        let facts =
            "\(file): \(entry.name), \(entry.parameters) parameters, input "
            + "\(InputShape.description(of: entry.input)), \(entry.classes) classes"
        return output.weights.map { "\(facts)\n\($0.text)" } ?? "\(facts), random weights"
    }

    private func listing(of output: Output) -> String {
        let images = output.architectures.filter { $0.input.rank == 3 }
        let clips = output.architectures.filter { $0.input.rank == 4 }
        return [("Images", images), ("Clips", clips)].filter { !$0.1.isEmpty }
            .map { "\($0):\n\(rows(of: $1))" }.joined(separator: "\n\n")
    }

    private func rows(of entries: [Entry]) -> String {
        let cells =
            [["", "input", "classes", "parameters", ""]]
            + entries.map {
                let millions = (Double($0.parameters) / 1e6).rounded(places: 2)
                return [$0.name, InputShape.description(of: $0.input), "\($0.classes)", "\(millions) M", $0.summary]
            }
        let widths = (0..<5).map { column in cells.map { $0[column].count + 2 }.max() ?? 0 }
        return cells.map { row in
            "  " + row.indices.map { $0 == 4 ? row[$0] : row[$0].padding(to: widths[$0]) }.joined()
        }.joined(separator: "\n")
    }
}
