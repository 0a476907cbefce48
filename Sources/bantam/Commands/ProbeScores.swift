import ArgumentParser
import BantamEdge
import BantamGraph
import BantamMedia
import BantamTraining
import FoundationEssentials

/// Runs a model file over data in a process of its own, whose processor may be held back: `verify` starts it, and reads
/// its one line and the file of scores.
struct ProbeScores: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe-scores", shouldDisplay: false)

    @Argument var model: String
    @Option var data: String
    @Option var split: DatasetSplit
    @Option var samples: Int
    @Option var seed: UInt64
    /// A file, which says all of it.
    @Option var preprocessing: String
    @Option var threads: Int
    @Option var title: String
    @Option var output: String

    /// The one line.
    struct Outcome: Codable {
        var classes: Int?
        /// What went wrong, in place of all else, and the exit status for it.
        var failure: FailureRecord.Failure?
        var status: Int32?
    }

    func run() throws {
        let console = Console(printsJSON: true)
        do {
            try console.result(Outcome(classes: try write(console)))
        } catch let error as any ReportableError {
            // The parent has it to say, once.
            let failure = FailureRecord.Failure(code: error.codeName, message: "\(error)")
            try console.result(Outcome(failure: failure, status: ExitStatus(error.category).rawValue))
        }
    }

    private func write(_ console: Console) throws -> Int {
        let json = String(decoding: FileManager.default.contents(atPath: preprocessing) ?? Data(), as: UTF8.self)
        let dataset = try DatasetLocation.open(data, split: split).limited(to: samples, seed: seed)
        let data = TrainingData(dataset, preprocessing: try Preprocessing(json: json))
        return try ModelMeasurement(threads: threads, console: console)
            .writeScores(of: model, on: data, to: output, title: title)
    }
}
