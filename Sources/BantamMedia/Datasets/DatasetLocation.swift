public import BantamGraph

/// Finds out what kind of data set a folder holds.
public enum DatasetLocation {
    /// What is made of class folders that are not divided into parts: `DIR/CLASS/*.png`.
    public enum UndividedClasses: Hashable, Sendable {
        /// Samples without labels; both parts are the whole.
        case unlabelled
        /// The names of the folders are labels. The test part is a fifth of each class by the rule of ``HoldOut``; the
        /// training part is the rest.
        case divided(seed: UInt64)

        static let testShare = 0.2
    }

    /// Opens one part of the data set in a folder: an ``IDXPair``, an ``ImageFolder``, or else an ``UnlabelledFolder``.
    ///
    /// Parts are folders `train`, `val` (`validation`, `valid`) and `test`. One whose files are not sorted into classes
    /// is unlabelled. So is a folder without parts that has images or videos anywhere below it; it is not divided, and
    /// each part is the whole of it. Class folders without parts are what `undivided` says.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - split: The part wanted.
    ///   - undivided: What class folders without parts mean.
    ///   - groups: What stays together where class folders are divided.
    ///   - limits: What a file may make us allocate.
    /// - Throws: `noSuchFolder`, `emptyDataset` for a folder with nothing in it, `unknownLayout` for one that is
    ///   none of these, `missingSplit` also for the validation part of class folders, and what the kinds throw.
    public static func open(
        _ path: String, split: DatasetSplit, undivided: UndividedClasses = .unlabelled, groups: SampleGroups? = nil,
        limits: MediaLimits = .standard
    ) throws(MediaError) -> any Dataset {
        let folder = try Folder(path)
        if IDXPair.isPresent(in: folder) { return try IDXPair(folder: path, split: split, limits: limits) }
        if try hasParts(folder) { return try part(split, of: folder, limits) }
        if case .divided(let seed) = undivided, try hasClasses(folder) {
            let whole = try ImageFolder(undivided: path, limits: limits)
            let parts = whole.divided(
                by: HoldOut(share: UndividedClasses.testShare, seed: seed),
                groups: try groups?.groups(of: whole, in: path))
            switch split {
            case .train: return parts.kept
            case .test: return parts.heldOut
            case .validation: throw .missingSplit(split.rawValue, in: path, found: folder.entries.map(\.name))
            }
        }
        do throws(MediaError) {
            return try UnlabelledFolder(path, limits: limits)
        } catch {
            throw error.code == .emptyDataset && !folder.entries.isEmpty ? .unknownLayout(path) : error
        }
    }

    private static func part(
        _ split: DatasetSplit, of folder: Folder, _ limits: MediaLimits
    ) throws(MediaError) -> any Dataset {
        if let part = try folder.part(split) {
            let content = try Folder(part.path)
            if content.folders.isEmpty, content.files.contains(where: { MediaItem($0) != nil }) {
                return try UnlabelledFolder(part.path, limits: limits)
            }
        }
        return try ImageFolder(folder.path, split: split, limits: limits)
    }

    /// Whether there are parts. One class of several may also be called `train`.
    private static func hasParts(_ folder: Folder) throws(MediaError) -> Bool {
        let parts = folder.parts
        guard parts.count == 1 else { return !parts.isEmpty }
        guard try Folder(parts[0].path).folders.isEmpty else { return true }
        return try !hasClasses(folder)
    }

    /// Whether images or videos lie in two folders or more of the folder, and none in itself.
    private static func hasClasses(_ folder: Folder) throws(MediaError) -> Bool {
        guard folder.files.allSatisfy({ MediaItem($0) == nil }) else { return false }
        var count = 0
        for each in folder.folders where DatasetSplit(folderName: each.name) == nil {
            if try Folder(each.path).files.contains(where: { MediaItem($0) != nil }) { count += 1 }
        }
        return count > 1
    }
}

extension DatasetLocation {
    /// Opens the validation part of a data set.
    ///
    /// - Returns: `nil` where there is none; folders without parts are no validation part, though each part is the whole.
    /// - Throws: What ``open(_:split:undivided:groups:limits:)`` throws.
    public static func validation(
        of path: String, limits: MediaLimits = .standard
    ) throws(MediaError) -> (any Dataset)? {
        let folder = try Folder(path)
        let hasPart = try folder.part(.validation) != nil
        guard hasPart || IDXPair.isPresent(in: folder) else { return nil }
        do throws(MediaError) {
            return try open(path, split: .validation, limits: limits)
        } catch {
            guard error.code == .missingSplit else { throw error }
            return nil
        }
    }
}
