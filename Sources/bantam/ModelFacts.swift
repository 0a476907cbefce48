import BantamGraph
import BantamMedia
import BantamONNX
import FoundationEssentials

/// What a model knows about its data, carried in its metadata so that no command needs to be told again.
struct ModelFacts {
    /// `nil` where nothing is known of it.
    var preprocessing: Preprocessing?
    /// One name for each output; empty where nothing is known of them.
    var classNames: [String] = []

    init(preprocessing: Preprocessing? = nil, classNames: [String] = []) {
        self.preprocessing = preprocessing
        self.classNames = classNames
    }

    /// Reads the facts of a model, if Bantam or someone who knows its keys wrote them.
    ///
    /// - Throws: `invalidMetadata` when there is something else under the keys.
    init(of graph: Graph, file: String) throws {
        do {
            preprocessing = try graph.metadata[ModelMetadata.preprocessing].map { try Preprocessing(json: $0) }
            let names = graph.metadata[ModelMetadata.classes]
            classNames = try names.map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) } ?? []
        } catch {
            throw CommandError.invalidMetadata(file, reason: Self.reason(of: error))
        }
    }

    /// These facts, where known, in place of `others`.
    func overriding(_ others: ModelFacts) -> ModelFacts {
        ModelFacts(
            preprocessing: preprocessing ?? others.preprocessing,
            classNames: classNames.isEmpty ? others.classNames : classNames)
    }

    private static func reason(of error: any Error) -> String {
        let cause = (error as? MediaError)?.cause ?? error
        return (cause as? DecodingError)?.reason ?? (error as? MediaError)?.message ?? "\(error)"
    }

    func store(in graph: inout Graph) throws {
        if let preprocessing { graph.metadata[ModelMetadata.preprocessing] = try preprocessing.json() }
        if !classNames.isEmpty {
            graph.metadata[ModelMetadata.classes] = String(
                decoding: try JSONEncoder().encode(classNames), as: UTF8.self)
        }
    }
}
