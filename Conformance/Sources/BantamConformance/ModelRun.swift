import BantamGraph
import Glibc

/// Runs the models in some folders.
///
/// ```
/// BantamConformance models FOLDER ...
/// ```
///
/// Prints a line for each, and leaves `bantam.json` in its folder for the script that goes on.
enum ModelRun {
    /// - Returns: Whether all passed.
    static func run(folders: [String]) throws -> Bool {
        var passed = 0
        for folder in folders {
            let outcome = ModelCase(folder: folder).run()
            let name = folder.lastIndex(of: "/").map { String(folder[folder.index(after: $0)...]) } ?? folder
            print("\(name): \(outcome.line)")
            fflush(nil)
            try AtomicFile.write(to: "\(folder)/bantam.json") { (file) throws(GraphError) in
                try file.append([UInt8](outcome.json.utf8))
            }
            passed += outcome.passed ? 1 : 0
        }
        return passed == folders.count
    }
}
