import ArgumentParser
import BantamGraph
import Glibc

/// The command line: arguments, wiring, progress and exit codes. No algorithm lives here.
@main
struct Bantam: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bantam",
        abstract: "Makes trained vision models small enough for the device they must run on.",
        discussion: """
            Takes an ONNX model or a built-in architecture and a folder of images, and prunes, quantizes, distills or \
            restructures it. Accuracy, speed and memory are measured on the exported file.

            Exit status: 0 done; 64 wrong usage; 65 unusable input; 69 a library is missing; 70 a fault of Bantam's; \
            75 a limit cannot be kept.
            """,
        version: BantamVersion.current,
        subcommands: [
            Slim.self, Create.self, Train.self, Evaluate.self, Predict.self, Sensitivity.self, Prune.self,
            Quantize.self, Distill.self, Restructure.self, Verify.self, Inspect.self, Bench.self, Doctor.self,
            ProbeMemory.self, ProbeScores.self,
        ])

    static func main() {
        // A closed pipe (`bantam inspect | head`) is reported by `write`, not by a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let status as ExitStatus {
            Glibc.exit(status.rawValue)
        } catch {
            if let reportable = error as? any ReportableError {
                Console(printsJSON: false).note("bantam: error: \(reportable)")
                Glibc.exit(ExitStatus(reportable.category).rawValue)
            }
            // The argument parser knows its own errors; any other has come out of Bantam without a description.
            guard exitCode(for: error) != .failure else {
                Console(printsJSON: false).note(
                    "bantam: error: \(error). This is a fault of Bantam's: please report it.")
                Glibc.exit(ExitStatus.internalFault.rawValue)
            }
            exit(withError: error)
        }
    }
}
