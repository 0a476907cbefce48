import BantamGraph
import BantamONNX
import BantamPipeline
import BantamReport
import FoundationEssentials

/// How a model came about, step by step, as it is kept in the model's metadata.
///
/// Earlier runs are kept as they were written, by whichever version: what cannot be read is passed on and never replaced.
struct ModelHistory: Codable {
    /// What each run of Bantam did, the oldest first.
    var runs: [JSONValue]

    private struct Run: Encodable {
        var bantam: String
        var steps: [Recipe.Step]
    }

    /// The history of a model; empty where there is none. A record of another form counts as one run.
    init(of graph: Graph) {
        guard let text = graph.metadata[ModelMetadata.record], !text.isEmpty else {
            runs = []
            return
        }
        do {
            runs = try JSONDecoder().decode(ModelHistory.self, from: Data(text.utf8)).runs
        } catch {
            runs = [.string(text)]
        }
    }

    func adding(_ steps: [Recipe.Step]) throws -> ModelHistory {
        var copy = self
        copy.runs.append(try JSONValue(encoding: Run(bantam: BantamVersion.current, steps: steps)))
        return copy
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension JSONValue {
    /// What `value` looks like as JSON.
    init(encoding value: any Encodable) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(value))
    }
}
