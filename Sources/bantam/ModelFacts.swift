import BantamGraph
import BantamMedia
import BantamONNX
import FoundationEssentials

/// What a model knows about its data, carried in its metadata so that no command needs to be told again.
struct ModelFacts {
    var preprocessing: Preprocessing
    var classNames: [String]

    init(preprocessing: Preprocessing, classNames: [String]) {
        self.preprocessing = preprocessing
        self.classNames = classNames
    }

    /// Reads the facts of a model, if Bantam or someone who knows its keys wrote them.
    ///
    /// - Throws: `invalidMetadata` when there is something else under the keys.
    init?(of graph: Graph, file: String) throws {
        guard let text = graph.metadata[ModelMetadata.preprocessing] else { return nil }
        do {
            preprocessing = try JSONDecoder().decode(Preprocessing.self, from: Data(text.utf8))
            let names = graph.metadata[ModelMetadata.classes]
            classNames = try names.map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) } ?? []
        } catch {
            throw CommandError.invalidMetadata(file, cause: error)
        }
    }

    func store(in graph: inout Graph) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        graph.metadata[ModelMetadata.preprocessing] = String(decoding: try encoder.encode(preprocessing), as: UTF8.self)
        graph.metadata[ModelMetadata.classes] = String(decoding: try encoder.encode(classNames), as: UTF8.self)
    }
}
