/// How an image or a video becomes the input of a model.
///
/// The steps, in this order: take the frames (videos only), resize, crop the centre, bring the channels into order,
/// and map each 8-bit value `v` of channel `c` to `(v * scale - mean[c]) / std[c]`.
///
/// ```swift
/// let preprocessing = Preprocessing.imageNet()
/// let input = try preprocessing.apply(try ImageFile.decode("cat.jpg"))  // [3, 224, 224]
/// ```
///
/// It travels in the model's metadata as JSON (``json()``), and training, evaluation, benchmarks and the device all
/// run this one implementation. Whether the input is `[C, H, W]` or `[C, T, H, W]` follows from ``clip``, and whether
/// the channels come first or last from ``layout``.
public struct Preprocessing: Hashable, Sendable {
    public enum Resize: Hashable, Sendable, Codable {
        /// Leaves the extent as it is.
        case keep
        /// Scales the shorter side to this length and the longer in proportion, rounded down.
        case shorterSide(pixels: Int)
        /// Scales to this extent, whatever the proportion.
        case exact(width: Int, height: Int)
    }

    public enum ColorOrder: String, Hashable, Sendable, Codable, CaseIterable {
        case rgb, bgr, gray
        /// The channels of a tensor file as they are, however many.
        case stored

        /// `nil` where any number is possible.
        public var channels: Int? {
            switch self {
            case .rgb, .bgr: 3
            case .gray: 1
            case .stored: nil
            }
        }
    }

    /// The order of a tensor's axes.
    public enum Layout: String, Hashable, Sendable, Codable, CaseIterable {
        /// `[N, C, H, W]`, and `[N, C, T, H, W]` for clips.
        case channelsFirst
        /// `[N, H, W, C]`, and `[N, T, H, W, C]` for clips.
        case channelsLast
    }

    /// The type of the values that the model takes.
    public enum ElementType: String, Hashable, Sendable, Codable, CaseIterable {
        /// Scaled and normalized.
        case float32
        /// The 8-bit values themselves, for a model that normalizes inside.
        case uint8
    }

    /// The model's metadata entry that holds the JSON.
    public static let metadataKey = "bantam.preprocessing"

    public var resize: Resize
    /// The extent of the centre crop, taken after resizing; `nil` for none.
    public var crop: ImageExtent?
    public var colorOrder: ColorOrder
    /// What 8-bit values are multiplied by first: usually 1/255.
    public var scale: Double
    /// One entry per channel, in units of the scaled values and in the order of `colorOrder`; with
    /// ``ColorOrder/stored`` one entry may also stand for any number of channels.
    public var mean: [Double]
    public var std: [Double]
    /// Which frames of a video make a clip; `nil` for a model of single images.
    public var clip: ClipSampling?
    public var layout: Layout
    public var elementType: ElementType

    /// - Parameters:
    ///   - scale: By default 1/255, and 1 for ``ElementType/uint8``.
    ///   - mean: One entry per channel, or one for all.
    ///   - std: One entry per channel, or one for all.
    /// - Throws: `invalidPreprocessing` when a number cannot be meant.
    public init(
        resize: Resize = .keep, crop: ImageExtent? = nil, colorOrder: ColorOrder = .rgb, scale: Double? = nil,
        mean: [Double] = [0], std: [Double] = [1], clip: ClipSampling? = nil, layout: Layout = .channelsFirst,
        elementType: ElementType = .float32
    ) throws(MediaError) {
        self.init(
            unchecked: resize, crop: crop, colorOrder: colorOrder,
            scale: scale ?? (elementType == .uint8 ? 1 : 1 / 255), mean: mean, std: std, clip: clip, layout: layout,
            elementType: elementType)
        try validate()
    }

    private init(
        unchecked resize: Resize, crop: ImageExtent?, colorOrder: ColorOrder, scale: Double = 1 / 255,
        mean: [Double], std: [Double], clip: ClipSampling? = nil, layout: Layout = .channelsFirst,
        elementType: ElementType = .float32
    ) {
        let channels = colorOrder.channels ?? max(mean.count, std.count)
        self.resize = resize
        self.crop = crop
        self.colorOrder = colorOrder
        self.scale = scale
        self.mean = mean.count == 1 ? Array(repeating: mean[0], count: channels) : mean
        self.std = std.count == 1 ? Array(repeating: std[0], count: channels) : std
        self.clip = clip
        self.layout = layout
        self.elementType = elementType
    }
}

extension Preprocessing {
    /// The number of channels of the model's input; `nil` where that of the samples decides.
    public var channels: Int? { colorOrder.channels ?? (mean.count > 1 ? mean.count : nil) }

    /// The same input as raw 8-bit values, for a model that takes integers.
    public var asBytes: Preprocessing {
        var bytes = leavingBytes
        bytes.elementType = .uint8
        return bytes
    }
}

extension Preprocessing {
    /// The same without normalization: the 8-bit values themselves, for a model that does it inside.
    public var leavingBytes: Preprocessing {
        var bytes = self
        bytes.scale = 1
        bytes.mean = mean.map { _ in 0 }
        bytes.std = std.map { _ in 1 }
        return bytes
    }
}

// MARK: Presets

extension Preprocessing {
    /// Grey 28x28 images, normalised by the training set's own figures.
    public static let fashionMNIST = Preprocessing(
        unchecked: .keep, crop: nil, colorOrder: .gray, mean: [0.2860], std: [0.3530])

    public static let mnist = Preprocessing(
        unchecked: .keep, crop: nil, colorOrder: .gray, mean: [0.1307], std: [0.3081])

    /// RGB 32x32 images, normalised by the training set's own figures.
    public static let cifar10 = Preprocessing(
        unchecked: .keep, crop: nil, colorOrder: .rgb, mean: [0.4914, 0.4822, 0.4465], std: [0.2470, 0.2435, 0.2616])

    /// The evaluation transform of torchvision's ImageNet networks.
    ///
    /// - Precondition: both lengths are positive and `crop` is at most `shorterSide`.
    public static func imageNet(shorterSide: Int = 256, crop: Int = 224) -> Preprocessing {
        precondition(crop > 0 && crop <= shorterSide, "a crop of \(crop) from a side of \(shorterSide)")
        return Preprocessing(
            unchecked: .shorterSide(pixels: shorterSide), crop: ImageExtent(side: crop), colorOrder: .rgb,
            mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
    }

    /// The evaluation transform of torchvision's Kinetics-400 networks (R3D, MC3, R(2+1)D).
    ///
    /// - Precondition: `frameCount` is positive.
    public static func kinetics(frameCount: Int = 16, framesPerSecond: Double? = 15) -> Preprocessing {
        precondition(frameCount > 0, "a clip of \(frameCount) frames")
        return Preprocessing(
            unchecked: .exact(width: 171, height: 128), crop: ImageExtent(side: 112), colorOrder: .rgb,
            mean: [0.43216, 0.394666, 0.37645], std: [0.22803, 0.22145, 0.216989],
            clip: ClipSampling(frameCount: frameCount, framesPerSecond: framesPerSecond))
    }
}

// MARK: Checks

extension Preprocessing {
    /// - Throws: `invalidPreprocessing`, naming the field.
    public func validate() throws(MediaError) {
        let channels = colorOrder.channels ?? mean.count
        guard channels > 0, mean.count == channels, std.count == channels else {
            throw .invalidPreprocessing(
                "mean has \(mean.count) and std \(std.count) entries for \(channels) channels (\(colorOrder.rawValue))")
        }
        guard mean.allSatisfy(\.isFinite), std.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw .invalidPreprocessing("mean \(mean) and std \(std) must be finite and std positive")
        }
        guard scale.isFinite, scale > 0 else { throw .invalidPreprocessing("scale \(scale) must be positive") }
        if elementType == .uint8, scale != 1 || mean.contains(where: { $0 != 0 }) || std.contains(where: { $0 != 1 }) {
            throw .normalizedBytes()
        }
        try validateExtents()
        try clip?.validate()
    }

    private func validateExtents() throws(MediaError) {
        let possible = 1...(1 << 14)
        var sides: [Int] = []
        switch resize {
        case .keep: break
        case .shorterSide(let pixels): sides = [pixels]
        case .exact(let width, let height): sides = [width, height]
        }
        if let crop { sides += [crop.width, crop.height] }
        guard sides.allSatisfy(possible.contains) else {
            throw .invalidPreprocessing(
                "lengths \(sides) must be from \(possible.lowerBound) to \(possible.upperBound)")
        }
        guard let crop else { return }
        switch resize {
        case .exact(let width, let height) where crop.width > width || crop.height > height:
            throw .smallerThanCrop(ImageExtent(width: width, height: height), crop: crop)
        case .shorterSide(let pixels) where max(crop.width, crop.height) > pixels && crop.width == crop.height:
            throw .smallerThanCrop(ImageExtent(side: pixels), crop: crop)
        default: break
        }
    }
}
