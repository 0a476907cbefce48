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
        "an image folder (DIR/train/CLASS/*.png, DIR/test/CLASS/*.png; also .jpg, .mp4, .avi, .mkv), "
        + "such files in one folder where no labels are needed, "
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

    static func emptyClass(_ path: String) -> Self {
        Self(
            .emptyClass,
            "The class folder holds no image or video; add files (.png, .jpg, .mp4, ...) or remove the folder.",
            location: at(path))
    }

    static func mixedMedia(image: String, video: String) -> Self {
        Self(
            .mixedMedia,
            "This is a video but \(image) is an image; a data set holds either, so move one kind elsewhere.",
            location: at(video))
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

// MARK: Preprocessing

extension CodedError<MediaErrorCode> {
    static func invalidPreprocessing(_ reason: String) -> Self {
        Self(.invalidPreprocessing, "The preprocessing cannot be used: \(reason).")
    }

    static func unreadablePreprocessing(_ error: any Error) -> Self {
        Self(
            .invalidPreprocessing, "The preprocessing is not the JSON that Bantam writes; export the model again.",
            cause: error)
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
