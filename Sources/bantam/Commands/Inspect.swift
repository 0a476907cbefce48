import ArgumentParser
import BantamGraph
import BantamONNX

struct Inspect: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows a model's size, cost and structure, without running it.")

    @Argument(help: "An ONNX file.", completion: .model)
    var model: String

    @Flag(help: "Also print the graph, a line for each node.")
    var graph = false

    @Option(parsing: .unconditional, help: "The size of the batch that costs are counted for.")
    var batch = 1

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var name: String
        var producer: String
        var opset: Int
        var inputs: [String: String]
        var outputs: [String: String]
        var nodes: Int
        var operators: [String: Int]
        var parameters: Int
        /// The fraction of the parameters that are zero.
        var sparsity: Double
        /// Such as `2:4`, where every weight to which it can apply has it.
        var sparsityPattern: SparsityPattern?
        var patternedWeights: Int
        var macs: Int
        var weightBytes: ByteCount
        /// What the parameters are stored as.
        var storage: [StoredNumbers]
        var fileBytes: ByteCount
        /// What a compressed file holds.
        var expandedBytes: ByteCount?
        var peakActivationBytes: ByteCount
        /// That costs are counted for: the file's, where it fixes one.
        var batch: Int
        /// Of a sample, where the file leaves heights and widths free.
        var size: String?
        var metadata: [String: String]
        var text: String?
    }

    func validate() throws {
        guard batch > 0 else { throw ValidationError("--batch must be at least 1.") }
    }

    func execute(console: Console) throws -> Output {
        let file = try ONNXFile.read(model)
        var graph = file.graph
        let batch = graph.inputs.first?.dimensions.first?.fixedSize ?? batch
        var size: String?
        do {
            if let input = graph.inputs.first, let usual = try ModelSource.usualSizes(of: graph) {
                graph.setInputDimensions(
                    [input.dimensions[0]] + usual.dimensions.dropFirst().map { .fixed($0) }, ofInput: 0)
                size = usual.description(from: 1)
            }
            let types = try ShapeInference(of: graph, sizes: graph.sizes(batch: batch))
            let cost = try CostAnalysis(of: graph, types: types).total
            let sparsity = try Sparsity(of: graph)
            return Output(
                name: graph.name, producer: file.header.producer, opset: file.header.opset,
                inputs: file.graph.inputs.reduce(into: [:]) { $0[graph[$1.value].name] = $1.typeDescription },
                outputs: graph.outputs.reduce(into: [:]) { $0[graph[$1].name] = types[$1]?.description ?? "unknown" },
                nodes: graph.nodes.count,
                operators: graph.nodes.values.reduce(into: [:]) { $0[$1.operatorName, default: 0] += 1 },
                parameters: cost.parameters, sparsity: sparsity.zeroFraction, sparsityPattern: sparsity.pattern,
                patternedWeights: sparsity.patternedWeights, macs: cost.macs, weightBytes: cost.weightBytes,
                storage: graph.storedNumbers(), fileBytes: file.header.fileBytes,
                expandedBytes: file.header.expandedBytes,
                peakActivationBytes: Liveness(of: graph, types: types).peak, batch: batch, size: size,
                metadata: graph.metadata.reduce(into: [:]) { $0[$1.key] = $1.value },
                text: self.graph ? TextPrinter().text(of: graph) : nil)
        } catch {
            throw error.located(inFile: model)
        }
    }

    func text(of output: Output) -> String {
        let operators = output.operators.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let size = output.size.map { " of \($0), as height and width are free" } ?? ""
        var lines = [
            "\(model): \(output.name), opset \(output.opset)"
                + (output.producer.isEmpty ? "" : ", written by \(output.producer)"),
            "  inputs            " + listing(output.inputs),
            "  outputs           " + listing(output.outputs),
            "  nodes             \(output.nodes): "
                + operators.prefix(8).map { "\($1) \($0)" }.joined(separator: ", "),
            "  parameters        \(output.parameters)",
            "  zeros             \((output.sparsity * 100).rounded(places: 1)) %" + pattern(of: output),
            "  MACs              \(output.macs) for a batch of \(output.batch)" + size,
            "  weights           \(output.weightBytes)"
                + (output.storage.isEmpty ? "" : ": " + output.storage.map(\.text).joined(separator: "; ")),
            "  file              \(output.fileBytes)"
                + (output.expandedBytes.map { ", compressed from \($0)" } ?? ""),
            "  peak activations  \(output.peakActivationBytes) for a batch of \(output.batch)" + size,
        ]
        for (key, value) in output.metadata.sorted(by: { $0.key < $1.key }) where value.count < 300 {
            lines.append("  \(key): \(value)")
        }
        if let text = output.text { lines += ["", text] }
        return lines.joined(separator: "\n")
    }

    private func pattern(of output: Output) -> String {
        output.sparsityPattern.map { pattern in
            ", \(pattern) in all \(output.patternedWeights) weights that sum over a multiple of \(pattern.block)"
        } ?? ""
    }

    private func listing(_ ports: [String: String]) -> String {
        ports.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}

extension GraphInput {
    var typeDescription: String {
        let sizes = dimensions.map { $0.fixedSize.map(String.init) ?? $0.name ?? "?" }
        return "\(dtype.rawValue)[\(sizes.joined(separator: ", "))]"
    }
}
