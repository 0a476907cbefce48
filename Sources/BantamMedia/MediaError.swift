public import BantamGraph

/// What can be wrong with images, videos, cameras and data sets.
public enum MediaErrorCode: String, ErrorCode {
    /// FFmpeg or the plugin around it is not installed.
    case missingLibrary
    case outOfMemory

    // Files and devices.
    case cannotOpen
    case cannotWrite
    case noVideoStream
    /// Damaged or cut-off content.
    case corruptMedia
    case unsupportedMedia
    /// Beyond ``MediaLimits``.
    case tooLarge

    // Folders of a data set.
    case noSuchFolder
    case missingSplit
    /// Two folders for one part.
    case ambiguousSplit
    case unknownLayout
    case emptyDataset
    /// A class folder without images.
    case emptyClass
    /// Images and videos in one data set.
    case mixedMedia
    /// Files that cannot be decoded, all of a data set.
    case damagedFiles
    /// A CSV file of groups that cannot be used.
    case invalidGroups

    // IDX and NumPy files.
    case badMagic
    case unsupportedElementType
    case wrongDimensionCount
    case emptyDimension
    case truncatedFile
    case trailingBytes
    case countMismatch
    case labelOutOfRange
    case corruptGzip
    case unsupportedVersion
    case invalidHeader
    /// An array whose first axis varies fastest.
    case unsupportedOrder
    /// NaN or infinity in a sample.
    case nonFiniteValue

    // Preprocessing.
    case invalidPreprocessing
    /// An image smaller than the crop, or samples of different extents in one batch.
    case extentMismatch
    /// A sample with channels, or values, of another kind than the model takes.
    case channelMismatch
    /// A video, but no clip sampling that says which frames to take.
    case missingClipSampling
    /// A clip of another length than the model takes.
    case clipLengthMismatch
    case invalidOption

    public var category: ErrorCategory {
        switch self {
        case .missingLibrary: .missingRuntime
        case .outOfMemory: .internalFault
        case .invalidOption: .usage
        default: .badInput
        }
    }
}

/// The error of `BantamMedia`. Its texts are in `MediaError+Factory.swift`.
public typealias MediaError = CodedError<MediaErrorCode>
