public import BantamGraph

/// Finds out what kind of data set a folder holds.
public enum DatasetLocation {
    /// Opens one part of the data set in a folder: an ``IDXPair``, an ``ImageFolder``, or else an ``UnlabelledFolder``.
    ///
    /// A folder `train` or `test` whose files are not sorted into classes is unlabelled too. So is a folder without
    /// these two that has images or videos anywhere below it; it is not divided, and both parts are the whole of it.
    ///
    /// - Throws: `noSuchFolder`, `emptyDataset` for a folder with nothing in it, `unknownLayout` for one that is
    ///   none of these, and what the kinds throw.
    public static func open(
        _ path: String, split: DatasetSplit, limits: MediaLimits = .standard
    ) throws(MediaError) -> any Dataset {
        let folder = try Folder(path)
        if IDXPair.isPresent(in: folder) { return try IDXPair(folder: path, split: split, limits: limits) }
        if folder.folders.contains(where: { DatasetSplit(rawValue: $0.name) != nil }) {
            if let part = folder.folders.first(where: { $0.name == split.rawValue }) {
                let content = try Folder(part.path)
                if content.folders.isEmpty, content.files.contains(where: { MediaItem($0) != nil }) {
                    return try UnlabelledFolder(part.path, limits: limits)
                }
            }
            return try ImageFolder(path, split: split, limits: limits)
        }
        do throws(MediaError) {
            return try UnlabelledFolder(path, limits: limits)
        } catch {
            throw error.code == .emptyDataset && !folder.entries.isEmpty ? .unknownLayout(path) : error
        }
    }
}
