import BantamGraph
import BantamPipeline
import FoundationEssentials

enum RecipeFile {
    /// - Throws: `unreadableFile`; `invalidRecipe`, naming the file and what is wrong in it.
    static func read(_ path: String) throws -> Recipe {
        let file = try MappedFile.open(path)
        let recipe: Recipe
        do {
            let content = withExtendedLifetime(file) { Data(file.bytes) }
            recipe = try JSONDecoder().decode(Recipe.self, from: content)
        } catch let error as DecodingError {
            throw CommandError.invalidRecipe(path, reason: error.reason)
        }
        if let fault = fault(of: recipe) { throw CommandError.invalidRecipe(path, reason: fault) }
        return recipe
    }

    /// What the types allow and a run does not: names become files, and a variant builds on those before it.
    private static func fault(of recipe: Recipe) -> String? {
        var made: Set<String> = []
        for variant in recipe.variants {
            let name = variant.name
            guard isFileName(name) else { return "the variant name \"\(name)\" has more than letters, digits, - and _" }
            if let missing = variant.origins.first(where: { !made.contains($0) }) {
                return "the variant \(name) needs \(missing), which is not made before it"
            }
            guard made.insert(name).inserted else { return "there are two variants \(name)" }
        }
        return made.contains(recipe.baseline) ? nil : "the baseline \(recipe.baseline) is none of its variants"
    }

    private static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 100
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-" || $0 == "_" }
    }
}

extension Recipe.Variant {
    /// The variants that it starts or learns from.
    fileprivate var origins: [String] {
        var origins: [String] = []
        if case .variant(let name) = source { origins.append(name) }
        for case .distill(_, _, let teacher, _) in steps { origins.append(teacher) }
        return origins
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
