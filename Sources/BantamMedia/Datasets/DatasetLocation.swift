public import BantamGraph

/// Finds out what kind of data set a folder holds.
public enum DatasetLocation {
    /// Opens one part of the data set in a folder: an ``ImageFolder`` or an ``IDXPair``.
    ///
    /// - Throws: `noSuchFolder`, `emptyDataset` for a folder with nothing in it, `unknownLayout` for one that is
    ///   neither, and what the two kinds throw.
    public static func open(
        _ path: String, split: DatasetSplit, limits: MediaLimits = .standard
    ) throws(MediaError) -> any Dataset {
        let folder = try Folder(path)
        if IDXPair.isPresent(in: folder) { return try IDXPair(folder: path, split: split, limits: limits) }
        if folder.folders.contains(where: { DatasetSplit(rawValue: $0.name) != nil }) {
            return try ImageFolder(path, split: split, limits: limits)
        }
        throw folder.entries.isEmpty ? .emptyDataset(path) : .unknownLayout(path)
    }
}
