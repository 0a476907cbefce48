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
        case .typeMismatch(let type, let context): place(context, "it is no \(type)")
        case .valueNotFound(_, let context): place(context, "it is null")
        case .dataCorrupted(let context): place(context, Self.lowercased(context.debugDescription))
        @unknown default: "\(self)"
        }
    }

    private func place(_ context: Context, _ what: String) -> String {
        let keys = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return keys.isEmpty ? what : "at \(keys.joined(separator: ".")) \(what)"
    }

    /// A sentence as a clause.
    private static func lowercased(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst().drop { $0 == "." }.prefix { $0 != "\n" }
    }
}
