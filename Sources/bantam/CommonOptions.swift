import ArgumentParser
import BantamEdge
import BantamGraph
import BantamTensor

/// The options of every command.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print one JSON object on standard output; everything else goes to standard error.")
    var json = false

    @Option(
        parsing: .unconditional,
        help: "Seed of all random choices; the same seed gives the same result on the same machine.")
    var seed: UInt64 = 0

    @Option(parsing: .unconditional, help: "Processor threads to use; 0 takes all.")
    var threads = 0

    /// What runs models that are only asked.
    var runtime: OpenVINORuntime { OpenVINORuntime(threads: threads == 0 ? nil : threads) }

    func validate() throws {
        guard (0...1024).contains(threads) else { throw ValidationError("--threads must be between 0 and 1024.") }
    }
}

/// A subcommand: it computes a result, and the extension prints it or reports why there is none.
protocol BantamCommand: ParsableCommand {
    associatedtype Output: Encodable
    var common: CommonOptions { get }

    /// Does the work.
    func execute(console: Console) throws -> Output

    /// The result for a person; empty to print nothing.
    func text(of output: Output) -> String

    /// What the process leaves when there is a result.
    func status(of output: Output) -> ExitStatus
}

extension BantamCommand {
    func run() throws { try report() }

    func status(of output: Output) -> ExitStatus { .success }

    /// Executes, prints the result, and turns an error into a message and an exit status.
    func report() throws {
        let console = Console(printsJSON: common.json)
        do {
            let output = try execute(console: console)
            if common.json { try console.result(output) } else { console.result(text(of: output)) }
            let outcome = status(of: output)
            if outcome != .success { throw outcome }
        } catch let error as any ReportableError {
            if common.json {
                try console.result(FailureRecord(error: .init(code: error.codeName, message: "\(error)")))
            }
            console.note("bantam: error: \(error)")
            throw ExitStatus(error.category)
        }
    }
}

/// What `--json` prints when a command fails.
struct FailureRecord: Codable {
    struct Failure: Codable {
        var code: String
        var message: String
    }

    var error: Failure
}
