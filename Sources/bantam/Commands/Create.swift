import ArgumentParser
import BantamGraph
import BantamNetwork
import BantamONNX

struct Create: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a built-in architecture with random weights.")

    @Argument(help: "The architecture's name; see --list.")
    var name: String?

    @Flag(help: "List the architectures.")
    var list = false

    @Option(help: "The number of classes.")
    var classes: Int?

    @Option(name: [.short, .long], help: "The ONNX file to write.", completion: .file(extensions: ["onnx"]))
    var output: String?

    @OptionGroup var common: CommonOptions

    struct Entry: Encodable {
        var name: String
        var summary: String
        var input: Shape
        var parameters: Int
    }

    struct Output: Encodable {
        var file: String?
        var architectures: [Entry]
    }

    func validate() throws {
        guard !list else { return }
        guard name != nil else { throw ValidationError("Name an architecture, or use --list.") }
        guard output != nil else { throw ValidationError("Say where to write the model: -o model.onnx.") }
        guard (1...1_000_000).contains(classes ?? 1) else {
            throw ValidationError("--classes must be between 1 and 1000000.")
        }
    }

    func execute(console: Console) throws -> Output {
        guard !list, let name, let output else {
            return Output(file: nil, architectures: try Architectures.variants.map(entry))
        }
        let variant = try Architectures.variant(named: name)
        try OutputFolder.requirePlace(for: output)
        try ONNXFile.write(variant.graph(classCount: classes, weights: .random(seed: common.seed)), to: output)
        return Output(file: output, architectures: [try entry(variant)])
    }

    func text(of output: Output) -> String {
        if let file = output.file {
            let entry = output.architectures[0]
            return "\(file): \(entry.name), \(entry.parameters) parameters, random weights"
        }
        return output.architectures.map { "\($0.name)  \($0.summary), \($0.parameters) parameters" }
            .joined(separator: "\n")
    }

    private func entry(_ variant: ArchitectureVariant) throws -> Entry {
        Entry(
            name: variant.name, summary: variant.summary, input: variant.published.inputShape,
            parameters: try CostAnalysis(of: variant.graph(classCount: classes, weights: .zeros)).total.parameters)
    }
}
