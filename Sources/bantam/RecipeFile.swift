import BantamCompression
import BantamGraph
import FoundationEssentials

enum RecipeFile {
    /// - Throws: `unreadableFile`; `invalidRecipe`, naming the file and what is wrong in it.
    static func read(_ path: String) throws -> Recipe {
        let file = try MappedFile.open(path)
        do {
            let content = withExtendedLifetime(file) { Data(file.bytes) }
            return try JSONDecoder().decode(Recipe.self, from: content)
        } catch let error as DecodingError {
            throw CommandError.invalidRecipe(path, reason: error.reason)
        }
    }
}

extension DecodingError {
    /// What is wrong and where, as a clause: `"variants.0.steps: no value for the key source"`.
    var reason: String {
        switch self {
        case .keyNotFound(let key, let context): place(context, "the key \(key.stringValue) is missing")
        case .valueNotFound(_, let context): place(context, "there is null")
        case .typeMismatch(_, let context), .dataCorrupted(let context):
            place(context, Self.clause(context.debugDescription))
        @unknown default: "\(self)"
        }
    }

    private func place(_ context: Context, _ what: String) -> String {
        let keys = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return keys.isEmpty ? what : "at \(keys.joined(separator: ".")) \(what)"
    }

    /// A sentence as a clause.
    private static func clause(_ text: String) -> String {
        let sentence = text.prefix { $0 != "\n" }
        return sentence.prefix(1).lowercased() + sentence.dropFirst().dropLast(sentence.hasSuffix(".") ? 1 : 0)
    }
}
