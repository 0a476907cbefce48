#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Preprocessing: Codable {
    private enum CodingKeys: String, CodingKey {
        case resize, crop, colorOrder, scale, mean, std, clip
    }

    /// - Throws: ``MediaError`` with `invalidPreprocessing` when the numbers are there but cannot be meant.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            resize: container.decodeIfPresent(Resize.self, forKey: .resize) ?? .keep,
            crop: container.decodeIfPresent(ImageExtent.self, forKey: .crop),
            colorOrder: container.decodeIfPresent(ColorOrder.self, forKey: .colorOrder) ?? .rgb,
            scale: container.decodeIfPresent(Double.self, forKey: .scale) ?? 1 / 255,
            mean: container.decodeIfPresent([Double].self, forKey: .mean) ?? [0],
            std: container.decodeIfPresent([Double].self, forKey: .std) ?? [1],
            clip: container.decodeIfPresent(ClipSampling.self, forKey: .clip))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(resize, forKey: .resize)
        try container.encodeIfPresent(crop, forKey: .crop)
        try container.encode(colorOrder, forKey: .colorOrder)
        try container.encode(scale, forKey: .scale)
        try container.encode(mean, forKey: .mean)
        try container.encode(std, forKey: .std)
        try container.encodeIfPresent(clip, forKey: .clip)
    }

    /// Reads what ``json()`` wrote.
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
