public import BantamGraph
import Glibc

/// Grey images and their labels in a pair of IDX files, as MNIST and Fashion-MNIST come.
///
/// Both files are held in memory, expanded: 47 MB for Fashion-MNIST's training part.
public struct IDXPair: Dataset, @unchecked Sendable {  // The bytes never change.
    public let classNames: [String]
    private let images: IDXArray
    private let labels: IDXArray

    public var count: Int { labels.elements.count }

    /// Reads the two files.
    ///
    /// - Parameters:
    ///   - images: An array of (count, rows, columns), gzipped or not.
    ///   - labels: An array of as many labels.
    ///   - classNames: The name of each label.
    ///   - limits: Bounds on the expanded files.
    /// - Throws: One code for each rule that a file can break: `badMagic`, `unsupportedElementType`,
    ///   `wrongDimensionCount`, `emptyDimension`, `truncatedFile`, `trailingBytes`, `tooLarge`, `corruptGzip`,
    ///   `emptyDataset`, `countMismatch`, `labelOutOfRange`; or `cannotOpen`.
    public init(
        images: String, labels: String, classNames: [String], limits: MediaLimits = .standard
    ) throws(MediaError) {
        self.classNames = classNames
        self.images = try IDXArray(images, dimensionCount: 3, limits: limits)
        self.labels = try IDXArray(labels, dimensionCount: 1, limits: limits)
        let (imageCount, labelCount) = (self.images.dimensions[0], self.labels.dimensions[0])
        guard imageCount == labelCount else {
            throw .countMismatch(images: imageCount, labels: labelCount, in: labels)
        }
        guard imageCount > 0 else { throw .emptyDataset(images) }
        for (index, label) in self.labels.elements.enumerated() where Int(label) >= classNames.count {
            throw .labelOutOfRange(Int(label), at: index, classCount: classNames.count, in: labels)
        }
    }

    public func label(at index: Int) -> Int {
        withExtendedLifetime(labels.content) { Int(labels.elements[index]) }
    }

    public func sample(at index: Int) throws(MediaError) -> Sample {
        let (rows, columns) = (images.dimensions[1], images.dimensions[2])
        let pixels = withExtendedLifetime(images.content) {
            Array(images.elements[index * rows * columns..<(index + 1) * rows * columns])
        }
        let image = Image(width: columns, height: rows, channels: 1, pixels: pixels)
        return Sample(.image(image), label: label(at: index), name: name(at: index))
    }

    public func name(at index: Int) -> String { "\(images.path), image \(index)" }
}

// MARK: Folders of pairs

extension IDXPair {
    public static let digitNames = (0...9).map(String.init)

    /// Xiao, Rasul and Vollgraf, *Fashion-MNIST*, 2017.
    public static let fashionNames = [
        "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot",
    ]

    /// Reads one part of a folder that holds pairs under MNIST's file names.
    ///
    /// The classes are those of Fashion-MNIST when the folder's name says so, otherwise the digits.
    ///
    /// - Throws: `noSuchFolder`, `missingSplit`, and what the other initializer throws.
    public init(folder path: String, split: DatasetSplit, limits: MediaLimits = .standard) throws(MediaError) {
        let folder = try Folder(path)
        guard let images = Self.file("images", "3", split, in: folder),
            let labels = Self.file("labels", "1", split, in: folder)
        else {
            throw .missingSplit(split.rawValue, in: path, found: folder.files.map(\.name))
        }
        let isFashion = Self.resolved(path).lowercased().contains("fashion")
        try self.init(
            images: images, labels: labels, classNames: isFashion ? Self.fashionNames : Self.digitNames,
            limits: limits)
    }

    /// Whether any file of a folder is named like an IDX file of images.
    static func isPresent(in folder: Folder) -> Bool {
        DatasetSplit.allCases.contains { file("images", "3", $0, in: folder) != nil }
    }

    /// `train-images-idx3-ubyte`, with a dot for the second dash as some archives have it, and perhaps `.gz`.
    private static func file(_ kind: String, _ rank: String, _ split: DatasetSplit, in folder: Folder) -> String? {
        let prefixes =
            switch split {
            case .train: ["train"]
            case .validation: ["val", "validation", "valid"]
            case .test: ["t10k", "test"]
            }
        for prefix in prefixes {
            for dash in ["-", "."] {
                for suffix in ["", ".gz"] {
                    let name = "\(prefix)-\(kind)\(dash)idx\(rank)-ubyte\(suffix)"
                    if let file = folder.files.first(where: { $0.name == name }) { return file.path }
                }
            }
        }
        return nil
    }

    /// The path that links and dots stand for, or the path itself.
    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
