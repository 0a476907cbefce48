#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Preprocessing: Codable {
    private enum CodingKeys: String, CodingKey {
        case resize, crop, colorOrder, scale, mean, std, clip, layout, elementType
    }

    /// - Throws: ``MediaError`` with `invalidPreprocessing`: for keys that are unknown or missing, all at once; for a
    ///   value of another kind; and for numbers that cannot be meant.
    public init(from decoder: any Decoder) throws {
        let object = try DocumentedObject(decoder, named: nil, keys: Self.documentedKeys)
        let elementType = try object.choice("elementType", of: ElementType.self) ?? .float32
        let colorOrder = try object.choice("colorOrder", of: ColorOrder.self) ?? .rgb
        switch elementType {
        case .float32:
            // The scale of numbers in a tensor file is nothing to guess.
            let missing = (colorOrder == .stored ? ["scale", "mean", "std"] : ["mean", "std"]).filter {
                !object.has($0)
            }
            guard missing.isEmpty else { throw MediaError.missingNormalization(missing) }
        case .uint8:
            guard !["scale", "mean", "std"].contains(where: object.has) else { throw MediaError.normalizedBytes() }
        }
        try self.init(
            resize: try object.object("resize").map { try Resize($0) } ?? .keep,
            crop: try object.object("crop").map { try ImageExtent($0) },
            colorOrder: colorOrder,
            scale: try object.number("scale"),
            mean: try object.numbers("mean") ?? [0],
            std: try object.numbers("std") ?? [1],
            clip: try object.object("clip").map { try ClipSampling($0) },
            layout: try object.choice("layout", of: Layout.self) ?? .channelsFirst,
            elementType: elementType)
    }

    /// Layout and element type are written where they are not the usual ones: other models keep the text they had
    /// before there were these keys.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(resize, forKey: .resize)
        try container.encodeIfPresent(crop, forKey: .crop)
        try container.encode(colorOrder, forKey: .colorOrder)
        try container.encodeIfPresent(clip, forKey: .clip)
        if layout != .channelsFirst { try container.encode(layout, forKey: .layout) }
        switch elementType {
        case .float32:
            try container.encode(scale, forKey: .scale)
            try container.encode(mean, forKey: .mean)
            try container.encode(std, forKey: .std)
        case .uint8:
            try container.encode(elementType, forKey: .elementType)
        }
    }

    /// Reads what ``json()`` wrote, or somebody by hand: ``documentedKeys``.
    ///
    /// - Throws: `invalidPreprocessing`.
    public init(json: String) throws(MediaError) {
        do {
            self = try JSONDecoder().decode(Preprocessing.self, from: Data(json.utf8))
        } catch let error as MediaError {
            throw error
        } catch {
            throw .unreadablePreprocessing(error)
        }
    }

    /// One line of JSON; equal values give equal text.
    ///
    /// - Throws: `invalidPreprocessing` when a number is not finite.
    public func json() throws(MediaError) -> String {
        try validate()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            throw .unreadablePreprocessing(error)
        }
    }
}

extension Preprocessing.Resize {
    fileprivate init(_ object: DocumentedObject) throws {
        let given = ["keep", "shorterSide", "exact"].filter(object.has)
        guard given.count == 1 else { throw MediaError.ambiguousResize(given) }
        if let side = try object.object("shorterSide") {
            guard let pixels = try side.wholeNumber("pixels") else { throw side.missing(["pixels"]) }
            self = .shorterSide(pixels: pixels)
        } else if let exact = try object.object("exact") {
            let extent = try ImageExtent(exact)
            self = .exact(width: extent.width, height: extent.height)
        } else {
            _ = try object.object("keep")
            self = .keep
        }
    }
}

extension ImageExtent {
    fileprivate init(_ object: DocumentedObject) throws {
        guard let width = try object.wholeNumber("width"), let height = try object.wholeNumber("height") else {
            throw object.missing(["width", "height"].filter { !object.has($0) })
        }
        self.init(width: width, height: height)
    }
}
