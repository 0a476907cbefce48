/// The part of a data set.
public enum DatasetSplit: String, Hashable, Sendable, Codable, CaseIterable {
    /// What a model is fitted to.
    case train
    /// What choices are made by while it is: the best epoch, a setting.
    case validation = "val"
    /// What the final figures are taken on, and nothing is chosen by.
    case test

    /// The names of folders that hold the part, in lower case.
    public var folderNames: [String] {
        switch self {
        case .train: ["train", "training"]
        case .validation: ["val", "validation", "valid"]
        case .test: ["test", "testing"]
        }
    }

    /// The part that a folder of this name holds, in upper or lower case.
    init?(folderName: String) {
        let name = folderName.lowercased()
        guard let split = Self.allCases.first(where: { $0.folderNames.contains(name) }) else { return nil }
        self = split
    }
}

extension Folder {
    /// The folder of a part; `nil` where there is none.
    ///
    /// - Throws: `ambiguousSplit` where there are two under different names.
    func part(_ split: DatasetSplit) throws(MediaError) -> Entry? {
        let parts = folders.filter { DatasetSplit(folderName: $0.name) == split }
        guard parts.count <= 1 else { throw .ambiguousSplit(parts.map(\.name), in: path) }
        return parts.first
    }

    /// The folders that hold parts.
    var parts: [Entry] { folders.filter { DatasetSplit(folderName: $0.name) != nil } }
}
