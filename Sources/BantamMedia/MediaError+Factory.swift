import BantamGraph

// Every text of a `MediaError`.

// MARK: Files and devices

extension CodedError<MediaErrorCode> {
    static func missingLibrary(_ error: GraphError) -> Self {
        Self(.missingLibrary, error.message, cause: error.cause)
    }

    /// An error in reading a whole file.
    init(_ error: GraphError) {
        let code: MediaErrorCode =
            switch error.code {
            case .damagedGzip: .corruptGzip
            case .fileTooLarge: .tooLarge
            default: .cannotOpen
            }
        self.init(code, error.message, location: error.location)
    }

    static func outOfMemory(_ purpose: String) -> Self {
        Self(.outOfMemory, "No memory for \(purpose); close other programs or use smaller batches.")
    }

    static func cannotOpen(_ path: String, reason: String) -> Self {
        Self(
            .cannotOpen, "The file or device cannot be opened (\(reason)); check the path and its permissions.",
            location: at(path))
    }

    static func cannotWrite(_ path: String, reason: String) -> Self {
        Self(
            .cannotWrite,
            "The file cannot be written (\(reason)); check the folder, its permissions and the free disk space.",
            location: at(path))
    }

    static func noVideoStream(_ path: String) -> Self {
        Self(
            .noVideoStream, "The file holds no video stream, or its index is cut off; give a whole video file.",
            location: at(path))
    }

    static func corruptMedia(_ path: String, reason: String) -> Self {
        Self(
            .corruptMedia, "The file is damaged (\(reason)); restore the file or remove it from the data set.",
            location: at(path))
    }

    static func unsupportedMedia(_ path: String, reason: String) -> Self {
        Self(
            .unsupportedMedia,
            "The file cannot be read (\(reason)); convert it: PNG or JPEG for images, MP4, AVI or MKV for videos.",
            location: at(path))
    }

    static func tooLarge(_ path: String, reason: String) -> Self {
        Self(.tooLarge, "The file is too large (\(reason)); scale it down first.", location: at(path))
    }

    static func unsupportedEncoding(_ path: String, reason: String) -> Self {
        Self(
            .unsupportedMedia,
            "The video cannot be encoded (\(reason)); use .mp4, .avi or .mkv, even dimensions and codec mpeg4.",
            location: at(path))
    }

    static func at(_ path: String, byte: Int? = nil) -> ErrorLocation {
        ErrorLocation(file: path, byteOffset: byte)
    }
}

// MARK: Data sets

extension CodedError<MediaErrorCode> {
    static let acceptedLayouts =
        "an image folder (DIR/train/CLASS/*.png, DIR/test/CLASS/*.png; also .jpg, .webp, .bmp, .tif, .gif, .mp4, .avi, "
        + ".mkv, .mov, .webm, .npy), such files in one folder where no labels are needed, "
        + "or IDX pairs (train-images-idx3-ubyte and train-labels-idx1-ubyte, t10k-... for the test part, or .gz)"

    static func noSuchFolder(_ path: String) -> Self {
        Self(.noSuchFolder, "There is no such folder; give the folder of a data set.", location: at(path))
    }

    static func notAFolder(_ path: String) -> Self {
        Self(.noSuchFolder, "This is no folder; give the folder that holds the data set.", location: at(path))
    }

    static func unreadableFolder(_ path: String, reason: String) -> Self {
        Self(.cannotOpen, "The folder cannot be listed (\(reason)); check its permissions.", location: at(path))
    }

    static func missingSplit(_ split: String, in path: String, found: [String]) -> Self {
        let listing = found.isEmpty ? "nothing" : found.prefix(8).joined(separator: ", ")
        return Self(
            .missingSplit, "The data set has no \"\(split)\" part, only \(listing); add \(path)/\(split).",
            location: at(path))
    }

    static func unknownLayout(_ path: String) -> Self {
        Self(.unknownLayout, "The folder is no data set; it must be \(acceptedLayouts).", location: at(path))
    }

    static func emptyDataset(_ path: String) -> Self {
        Self(.emptyDataset, "The data set is empty; it must be \(acceptedLayouts).", location: at(path))
    }

    static func emptyClass(_ folder: Folder) -> Self {
        let others = folder.files.isEmpty ? "" : " (its \(folder.files.count) files end in \(endings(of: folder)))"
        return Self(
            .emptyClass,
            "The class folder holds no image or video\(others); add files (.png, .jpg, .mp4, ...) or remove the folder.",
            location: at(folder.path))
    }

    private static func endings(of folder: Folder) -> String {
        Set(folder.files.map(\.ending)).sorted().prefix(6).joined(separator: ", ")
    }

    static func ambiguousSplit(_ names: [String], in path: String) -> Self {
        Self(
            .ambiguousSplit,
            "The folders \(names.joined(separator: " and ")) would be the same part of the data set; keep one of them.",
            location: at(path))
    }

    static func mixedMedia(_ item: MediaItem, _ other: MediaItem) -> Self {
        Self(
            .mixedMedia,
            "This is a \(item.kind.rawValue) but \(other.path) is a \(other.kind.rawValue); a data set holds one kind, so "
                + "move the others elsewhere.", location: at(item.path))
    }

    static func folderForFile(_ path: String) -> Self {
        Self(.unsupportedMedia, "This is a folder; name the files in it, as in \(path)/*.png.", location: at(path))
    }

    static func unknownEnding(_ path: String, known: [String]) -> Self {
        Self(
            .unsupportedMedia,
            "What the file holds cannot be told from its name; give it the ending of what it is, one of "
                + "\(known.map { "." + $0 }.joined(separator: ", ")).", location: at(path))
    }

    /// - Parameter damaged: Each file with what is wrong with it.
    static func damagedFiles(_ damaged: [(file: String, reason: String)], of count: Int) -> Self {
        let list = damaged.map { "\n  \($0.file): \($0.reason)" }.joined()
        return Self(
            .damagedFiles,
            "\(damaged.count) of \(count) files cannot be used; restore them, remove them, or leave them out with "
                + "--skip-damaged:\(list)")
    }

    static func invalidGroups(_ reason: String, _ line: Int, in path: String) -> Self {
        Self(
            .invalidGroups, "Line \(line) of the file of groups cannot be used: \(reason); correct the line.",
            location: at(path))
    }

    static func invalidOption(_ name: String, _ value: some CustomStringConvertible, allowed: String) -> Self {
        Self(.invalidOption, "The value of \(name) is \(value); give \(allowed).")
    }
}

// MARK: IDX files

extension CodedError<MediaErrorCode> {
    static func badMagic(_ bytes: [UInt8], in path: String) -> Self {
        Self(
            .badMagic, "The file starts with bytes \(bytes), not with 0, 0; give an IDX file.",
            location: at(path, byte: 0))
    }

    static func unsupportedElementType(_ type: UInt8, in path: String) -> Self {
        Self(
            .unsupportedElementType, "The elements have type \(type), not 8; only unsigned bytes can be read.",
            location: at(path, byte: 2))
    }

    static func wrongDimensionCount(_ count: Int, expected: Int, in path: String) -> Self {
        Self(
            .wrongDimensionCount,
            "The array has \(count) dimensions, not \(expected); images have 3 (count, rows, columns), labels 1.",
            location: at(path, byte: 3))
    }

    static func emptyDimension(_ dimensions: [Int], in path: String) -> Self {
        Self(
            .emptyDimension, "The images have an extent of \(dimensions) pixels; rows and columns must be positive.",
            location: at(path, byte: 8))
    }

    static func truncatedFile(expected: Int, found: Int, in path: String) -> Self {
        Self(
            .truncatedFile, "The file ends after \(found) of \(expected) bytes; download or copy it again.",
            location: at(path, byte: found))
    }

    static func trailingBytes(expected: Int, found: Int, in path: String) -> Self {
        Self(
            .trailingBytes, "The file has \(found - expected) bytes more than its header tells; download it again.",
            location: at(path, byte: expected))
    }

    static func idxTooLarge(_ dimensions: [Int], limit: Int, in path: String) -> Self {
        Self(
            .tooLarge, "An array of \(dimensions) is larger than the limit of \(ByteCount(limit)); split the data set.",
            location: at(path, byte: 4))
    }

    static func countMismatch(images: Int, labels: Int, in path: String) -> Self {
        Self(
            .countMismatch, "There are \(labels) labels for \(images) images; give the two files of one data set.",
            location: at(path))
    }

    static func labelOutOfRange(_ label: Int, at index: Int, classCount: Int, in path: String) -> Self {
        Self(
            .labelOutOfRange, "Label \(label) of sample \(index) is not below the number of classes, \(classCount).",
            location: at(path, byte: 8 + index))
    }
}

// MARK: NumPy files

extension CodedError<MediaErrorCode> {
    static func noNPYFile(_ path: String) -> Self {
        Self(
            .badMagic, "The file does not start as a NumPy file does; write it with numpy.save.",
            location: at(path, byte: 0))
    }

    static func unsupportedNPYVersion(_ major: UInt8, _ minor: UInt8, in path: String) -> Self {
        Self(
            .unsupportedVersion,
            "The file has version \(major).\(minor) of NumPy's format; 1.0, 2.0 and 3.0 can be read.",
            location: at(path, byte: 6))
    }

    static func invalidNPYHeader(_ reason: String, in path: String) -> Self {
        Self(
            .invalidHeader, "The header of the NumPy file cannot be read (\(reason)); write it with numpy.save.",
            location: at(path, byte: 8))
    }

    static func unsupportedNPYElement(_ type: String, in path: String) -> Self {
        Self(
            .unsupportedElementType,
            "The elements have type \"\(type.prefix(24))\"; convert them with array.astype(\"float32\") or "
                + "array.astype(\"uint8\").", location: at(path))
    }

    static func unsupportedNPYOrder(in path: String) -> Self {
        Self(
            .unsupportedOrder,
            "The array is stored in Fortran order; write numpy.ascontiguousarray(array).", location: at(path))
    }

    static func wrongNPYDimensionCount(_ shape: [Int], in path: String) -> Self {
        Self(
            .wrongDimensionCount,
            "The array has the shape \(shape); a sample has three axes, [C, H, W] or [H, W, C].", location: at(path))
    }

    static func emptyNPYDimension(_ shape: [Int], in path: String) -> Self {
        Self(.emptyDimension, "The array of \(shape) is empty; every axis must be positive.", location: at(path))
    }

    static func arrayTooLarge(_ shape: [Int], _ limits: MediaLimits, in path: String) -> Self {
        Self(
            .tooLarge,
            "An array of \(shape) is larger than the limits (\(limits.dimension) along an axis, \(limits.fileBytes) in "
                + "all); scale it down first.", location: at(path))
    }

    static func nonFiniteValue(at place: Int, byte: Int, in path: String) -> Self {
        Self(
            .nonFiniteValue,
            "Element \(place) is NaN or infinite; replace such values or remove the file from the data set.",
            location: at(path, byte: byte))
    }
}

// MARK: Preprocessing

extension CodedError<MediaErrorCode> {
    static func invalidPreprocessing(_ reason: String) -> Self {
        Self(.invalidPreprocessing, "The preprocessing cannot be used: \(reason).")
    }

    static func unreadablePreprocessing(_ error: any Error) -> Self {
        Self(.invalidPreprocessing, "The preprocessing is not JSON, or holds a number that JSON cannot.", cause: error)
    }

    /// - Parameter unknown: Each unknown key, and the known one that may be meant.
    static func unknownKeys(_ unknown: [(key: String, nearest: String?)], known: [String]) -> Self {
        let names = unknown.map { each in
            "\"\(each.key)\"" + (each.nearest.map { " (the nearest known key is \"\($0)\")" } ?? "")
        }
        return Self(
            .invalidPreprocessing,
            "The preprocessing has \(names.count == 1 ? "the unknown key" : "the unknown keys") "
                + "\(names.joined(separator: ", ")); known there are \(known.joined(separator: ", ")).")
    }

    static func missingKeys(_ keys: [String]) -> Self {
        let names = keys.map { "\"\($0)\"" }.joined(separator: " and ")
        return Self(.invalidPreprocessing, "The preprocessing lacks \(names); add \(keys.count == 1 ? "it" : "them").")
    }

    static func missingNormalization(_ keys: [String]) -> Self {
        let names = keys.map { "\"\($0)\"" }.joined(separator: " and ")
        return Self(
            .invalidPreprocessing,
            "The preprocessing lacks \(names); give both \"mean\" and \"std\", in units of the values multiplied by "
                + "\"scale\" (mean 0 and std 1 mean no normalization; \"scale\" 1 leaves stored values as they are).")
    }

    static func normalizedBytes() -> Self {
        .invalidPreprocessing(
            "\"elementType\" \"uint8\" takes raw pixel values, so leave out \"scale\", \"mean\" and \"std\", or take "
                + "\"float32\"")
    }

    static func ambiguousResize(_ given: [String]) -> Self {
        .invalidPreprocessing(
            "\"resize\" has \(given.isEmpty ? "no key" : given.joined(separator: " and ")); give one of \"keep\", "
                + "\"shorterSide\" and \"exact\"")
    }

    static func smallerThanCrop(_ extent: ImageExtent, crop: ImageExtent) -> Self {
        Self(
            .extentMismatch,
            "An image of \(extent) pixels is smaller than the crop of \(crop); set a resize of at least that.")
    }

    static func differentExtents(_ extent: [Int], expected: [Int]) -> Self {
        Self(
            .extentMismatch,
            "The sample gives \(extent), others in its batch or clip \(expected); set a resize to a fixed extent.")
    }

    static func channelMismatch(_ channels: Int, expected: Int, _ layout: Preprocessing.Layout) -> Self {
        let order = layout == .channelsFirst ? "[C, H, W]" : "[H, W, C]"
        return Self(
            .channelMismatch,
            "The sample has \(channels) channels, read as \(order), and the preprocessing takes \(expected); give "
                + "\"colorOrder\" \"stored\" with a mean and std for each channel, and the \"layout\" of the files.")
    }

    static func floatsForBytes() -> Self {
        Self(
            .channelMismatch,
            "The sample holds float32 values and the model takes uint8; store the samples as uint8.")
    }

    static func jitteredFloats() -> Self {
        Self(
            .invalidOption,
            "The sample holds float32 values, of which brightness and contrast are not defined; leave out colour jitter."
        )
    }

    static func tooLargeAfterScaling(_ extent: ImageExtent, _ resized: ImageExtent, limit: Int) -> Self {
        Self(
            .tooLarge,
            "An image of \(extent) pixels becomes \(resized) after scaling, more than the limit of \(limit) pixels; "
                + "cut the image to a usual proportion, or scale to an exact extent.")
    }

    static func batchTooLarge(_ count: Int, of shape: [Int], _ bytes: ByteCount?, memory: ByteCount) -> Self {
        Self(
            .tooLarge,
            "A batch of \(count) samples of \(shape) takes \(bytes.map { "\($0)" } ?? "more than an address space"), more "
                + "than the machine's memory of \(memory); give a smaller batch size.")
    }

    static func missingClipSampling() -> Self {
        Self(
            .missingClipSampling,
            "This is a video, and samples are prepared as single images: give images, or a preprocessing that says which "
                + "frames make a clip.")
    }

    static func clipLengthMismatch(_ count: Int, expected: Int) -> Self {
        Self(.clipLengthMismatch, "The clip has \(count) frames, not \(expected); give as many as the model takes.")
    }

    static func emptyVideo(_ path: String) -> Self {
        Self(
            .corruptMedia, "Not one frame can be decoded; restore the file or remove it from the data set.",
            location: at(path))
    }
}
