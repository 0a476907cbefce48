import BantamGraph
import BantamONNX
import BantamPipeline
import FoundationEssentials

/// How a model came about, step by step, as it is kept in the model's metadata.
struct ModelHistory: Codable {
    /// What each run of Bantam did, the oldest first.
    var runs: [Run]

    struct Run: Codable {
        var bantam: String
        var steps: [Recipe.Step]
    }

    /// The history of a model; empty where there is none, or one that this version does not read.
    init(of graph: Graph) {
        let text = graph.metadata[ModelMetadata.record] ?? ""
        runs = (try? JSONDecoder().decode(ModelHistory.self, from: Data(text.utf8)))?.runs ?? []
    }

    func adding(_ steps: [Recipe.Step]) -> ModelHistory {
        var copy = self
        copy.runs.append(Run(bantam: BantamVersion.current, steps: steps))
        return copy
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
