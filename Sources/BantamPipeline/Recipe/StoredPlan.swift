import BantamGraph
import BantamPruning
import BantamTraining
import FoundationEssentials
import Glibc

/// The plan of a round, kept beside the checkpoints of the training that follows.
///
/// A checkpoint fits only the model it was made of, and what was measured on the way to a plan differs from run to run.
struct StoredPlan: Codable {
    private let configuration: StructuredPruning.Configuration
    private let plan: StructuredPruning.Plan

    /// The plan that was made before for the same configuration, or what `make` makes, which is then kept.
    ///
    /// - Parameter folder: `nil` where nothing is to be kept.
    static func plan(
        for configuration: StructuredPruning.Configuration, in folder: CheckpointFolder?,
        make: () throws -> StructuredPruning.Plan
    ) throws -> StructuredPruning.Plan {
        guard let folder else { return try make() }
        let path = "\(folder.path)/plan.json"
        if access(path, R_OK) == 0 {
            let file = try MappedFile.open(path)
            let record = try? JSONDecoder().decode(StoredPlan.self, from: Data(file.bytes))
            if let record, record.configuration == configuration { return record.plan }
        }
        let record = StoredPlan(configuration: configuration, plan: try make())
        try folder.create()
        try AtomicFile.write(String(decoding: try JSONEncoder().encode(record), as: UTF8.self), to: path)
        return record.plan
    }
}
