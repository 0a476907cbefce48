import BantamGraph
import BantamNetwork
import FoundationEssentials
import OrderedCollections

/// The state of a training between two epochs.
struct Checkpoint {
    struct Facts: Codable {
        var epoch: Int
        var step: Int
        var lastLoss: Double
        var stopping: EarlyStopping?
        var configuration: TrainingConfiguration
        // Absent from the checkpoints of earlier versions.
        /// Of which model, data and objective the training is.
        var origin: String?
        var history: [EpochRecord]?
        var bestEpoch: Int?
        var rollbacks: Int?
        var rateFactor: Double?
    }

    var facts: Facts
    /// Weights, optimizer state and averages, by name.
    var tensors: OrderedDictionary<String, TensorData>

    private static let factsKey = "bantam.training"

    init(facts: Facts, tensors: OrderedDictionary<String, TensorData>) {
        self.facts = facts
        self.tensors = tensors
    }

    /// The tensors whose names begin with `prefix`, named without it.
    func tensors(under prefix: String) -> [String: TensorData] {
        var result: [String: TensorData] = [:]
        for (name, data) in tensors where name.hasPrefix(prefix) { result[String(name.dropFirst(prefix.count))] = data }
        return result
    }

    init(contentsOf path: String) throws {
        let file = try SafeTensors.read(path)
        guard let text = file.metadata[Self.factsKey],
            let facts = try? JSONDecoder().decode(Facts.self, from: Data(text.utf8))
        else { throw TrainingError.invalidCheckpoint(path) }
        self.init(facts: facts, tensors: file.tensors)
    }

    func write(to path: String) throws {
        let text = String(decoding: try JSONEncoder().encode(facts), as: UTF8.self)
        try SafeTensors(tensors: tensors, metadata: [Self.factsKey: text]).write(to: path)
    }
}
