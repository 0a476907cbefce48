import Glibc

/// Runs the node tests of the ONNX project and compares.
///
/// ```
/// BantamConformance FOLDER [TEXT]        the cases in FOLDER, or those whose name contains TEXT
/// BantamConformance models FOLDER ...    exported models instead: see ``ModelRun``
/// BantamConformance architectures [TEXT]     built-in ones: see ``ArchitectureRun``
/// BantamConformance logits FOLDER ...    the outputs alone, for a script to compare: see ``LogitsRun``
/// ```
///
/// Prints a line for each case that fails, a table of operators, why cases are not applicable, and last
/// `passed / applicable / total`. A case is applicable when Bantam has all its operators and element types. The exit
/// status is 1 when an applicable case fails.
@main
enum BantamConformance {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "models" {
            exit(try ModelRun.run(folders: Array(arguments.dropFirst())) ? EXIT_SUCCESS : EXIT_FAILURE)
        }
        if arguments.first == "architectures" {
            exit(try ArchitectureRun.run(arguments.dropFirst().first) ? EXIT_SUCCESS : EXIT_FAILURE)
        }
        if arguments.first == "logits" { return try LogitsRun.run(folders: Array(arguments.dropFirst())) }
        guard let folder = arguments.first, arguments.count <= 2 else {
            throw ConformanceError("usage: BantamConformance FOLDER [TEXT]")
        }
        let names = try caseNames(in: folder).filter { arguments.count < 2 || $0.contains(arguments[1]) }
        guard !names.isEmpty else { throw ConformanceError("\(folder) holds no cases") }
        var summary = Summary()
        for name in names {
            let result = NodeCase(name: name, folder: "\(folder)/\(name)").run()
            summary.add(result)
            if case .failed(let reason) = result.outcome { print("\(name): \(reason)") }
        }
        print(summary.text)
        if summary.failed > 0 { exit(EXIT_FAILURE) }
    }

    /// The folders that hold a model, in order of their names.
    private static func caseNames(in folder: String) throws -> [String] {
        guard let directory = opendir(folder) else { throw ConformanceError("\(folder) cannot be opened") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if access("\(folder)/\(name)/model.onnx", R_OK) == 0 { names.append(name) }
        }
        return names.sorted()
    }
}

struct ConformanceError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
