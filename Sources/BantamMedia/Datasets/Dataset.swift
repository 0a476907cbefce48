public import BantamGraph

/// Images or clips in a fixed order, with a label each or without any.
///
/// A data set is read from several threads at the same time and gives the same sample for the same index every time.
///
/// ```swift
/// let data = try DatasetLocation.open("/usr/share/datasets/fashion-mnist", split: .test)
/// let sample = try data.sample(at: 0)
/// data.classNames[sample.label]  // "ankle-boot"
/// ```
public protocol Dataset: Sendable {
    /// The name of each label, from 0; empty where the samples have no labels.
    var classNames: [String] { get }
    var count: Int { get }

    /// The label of a sample, without decoding it; ``Sample/noLabel`` where there are none.
    ///
    /// - Precondition: `index` is in `0..<count`.
    func label(at index: Int) -> Int

    /// The name of a sample, without decoding it: its file, or its place in a file.
    ///
    /// - Precondition: `index` is in `0..<count`.
    func name(at index: Int) -> String

    /// What was found beside the samples and is not used.
    var passedOver: [PassedOver] { get }

    /// A sample, decoded if it is an image.
    ///
    /// - Precondition: `index` is in `0..<count`.
    /// - Throws: An error that names the file.
    func sample(at index: Int) throws(MediaError) -> Sample
}

extension Dataset {
    /// Whether it is known what the samples show.
    public var isLabelled: Bool { !classNames.isEmpty }

    public func name(at index: Int) -> String { "sample \(index)" }
    public var passedOver: [PassedOver] { [] }
}

/// One image or clip.
public struct Sample: Sendable {
    public enum Content: Sendable {
        case image(Image)
        /// Frames in order, all to be used or sampled from by ``ClipSampling``.
        case clip([Image])
        /// A video file, of which only the frames that are needed get decoded.
        case video(path: String)
        /// uint8 or float32 of any number of channels, `[C, H, W]`, or `[H, W, C]` where the preprocessing has the
        /// channels last.
        case tensor(TensorData)
    }

    /// The label of a sample that has none.
    public static let noLabel = -1

    public var content: Content
    public var label: Int
    /// The file, or the place in the file, for people.
    public var name: String

    public init(_ content: Content, label: Int, name: String) {
        self.content = content
        self.label = label
        self.name = name
    }
}

/// A data set in memory.
public struct SampleArray: Dataset {
    public let classNames: [String]
    public let samples: [Sample]

    public var count: Int { samples.count }

    /// - Parameter classNames: Empty for samples without labels.
    /// - Precondition: every label has a class name, or there are neither.
    public init(_ samples: [Sample], classNames: [String]) {
        precondition(
            samples.allSatisfy {
                classNames.isEmpty ? $0.label == Sample.noLabel : classNames.indices.contains($0.label)
            }, "a label is not below \(classNames.count)")
        self.samples = samples
        self.classNames = classNames
    }

    public func label(at index: Int) -> Int { samples[index].label }
    public func name(at index: Int) -> String { samples[index].name }
    public func sample(at index: Int) throws(MediaError) -> Sample { samples[index] }
}
