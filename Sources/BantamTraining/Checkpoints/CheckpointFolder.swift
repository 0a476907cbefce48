import Glibc

/// The checkpoints of one training, one file an epoch. Each is written whole or not at all.
public struct CheckpointFolder: Sendable {
    public var path: String
    public var policy: CheckpointPolicy

    public init(_ path: String, policy: CheckpointPolicy = CheckpointPolicy()) {
        self.path = path
        self.policy = policy
    }

    /// A folder within this one, for one of several trainings; made when it is first written to.
    public func subfolder(_ name: String) -> CheckpointFolder { CheckpointFolder("\(path)/\(name)", policy: policy) }

    /// The checkpoint of the latest epoch; `nil` when there is none.
    func latest() throws -> Checkpoint? {
        try epochs().max().map { try Checkpoint(contentsOf: file(ofEpoch: $0)) }
    }

    /// Writes a checkpoint and deletes those that the policy no longer keeps.
    ///
    /// - Returns: The path of the file.
    func store(_ checkpoint: Checkpoint) throws -> String {
        try create()
        let destination = file(ofEpoch: checkpoint.facts.epoch)
        try checkpoint.write(to: destination)
        for epoch in policy.expired(among: try epochs()) { unlink(file(ofEpoch: epoch)) }
        return destination
    }

    /// Makes the folder unless it is there.
    public func create() throws(TrainingError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw .unwritableFolder(path, reason: String(cString: strerror(errno)))
        }
    }

    private func file(ofEpoch epoch: Int) -> String { "\(path)/epoch-\(epoch).safetensors" }

    private func epochs() throws -> [Int] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var epochs: [Int] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("epoch-"), name.hasSuffix(".safetensors") else { continue }
            if let epoch = Int(name.dropFirst(6).dropLast(12)) { epochs.append(epoch) }
        }
        return epochs
    }
}
