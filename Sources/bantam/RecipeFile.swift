import BantamCompression
import FoundationEssentials

enum RecipeFile {
    /// - Throws: `invalidRecipe`, naming the file and what is wrong in it.
    static func read(_ path: String) throws -> Recipe {
        do {
            return try JSONDecoder().decode(Recipe.self, from: try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw CommandError.invalidRecipe(path, cause: error)
        }
    }
}
