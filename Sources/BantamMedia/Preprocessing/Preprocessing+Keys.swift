/// A key of a JSON file, as a person needs to know it.
public struct DocumentedKey: Hashable, Sendable {
    /// With the keys that it stands within, such as `"clip.stride"`.
    public var path: String
    public var meaning: String
    /// What holds where the key is left out; `nil` where it must be given.
    public var defaultValue: String?
}

extension Preprocessing {
    /// Every key of the JSON, in the order in which they are best explained. No other key is accepted.
    public static let documentedKeys: [DocumentedKey] = [
        key("resize", "How images are scaled first; an object with one of the three keys below.", or: "{\"keep\": {}}"),
        key("resize.keep", "Leaves the extent as it is: {}.", or: "unless another is given"),
        key("resize.shorterSide", "Scales the shorter side to a length and the longer in proportion.", or: "not done"),
        key("resize.shorterSide.pixels", "The length, from 1 to 16384."),
        key("resize.exact", "Scales to an extent, whatever the proportion.", or: "not done"),
        key("resize.exact.width", "Pixels, from 1 to 16384."),
        key("resize.exact.height", "Pixels, from 1 to 16384."),
        key("crop", "The extent of the centre crop, taken after resizing.", or: "no crop"),
        key("crop.width", "Pixels, from 1 to 16384."),
        key("crop.height", "Pixels, from 1 to 16384."),
        key(
            "colorOrder",
            "The model's channels: \"rgb\", \"bgr\", \"gray\", or \"stored\" for those of a .npy file as they are.",
            or: "\"rgb\""),
        key(
            "scale", "What stored values are multiplied by first; needed with \"colorOrder\": \"stored\".",
            or: "1/255 (0.00392156862745098)"),
        key(
            "mean",
            "What is subtracted, in units of the scaled values: a list with a number for each channel, or one for all; "
                + "0 for none. Left out where elementType is \"uint8\"."),
        key(
            "std",
            "What is divided by then: a list with a number for each channel, or one for all; 1 for none. "
                + "Left out where elementType is \"uint8\"."),
        key("clip", "Which frames of a video make a clip; for models of videos only.", or: "single images"),
        key("clip.frameCount", "Frames of a clip, from 1 to 4096."),
        key("clip.stride", "Places on the grid of frames from one frame of the clip to the next.", or: "1"),
        key("clip.framesPerSecond", "The rate of the grid of frames.", or: "the video's own"),
        key("clip.clipCount", "Clips of a video in evaluation, from 1 to 100.", or: "1"),
        key("clip.cropCount", "Crops of a clip in evaluation, 1 or 3.", or: "1"),
        key(
            "layout",
            "The order of the model's axes: \"channelsFirst\" ([N, C, H, W]) or \"channelsLast\" ([N, H, W, C]).",
            or: "\"channelsFirst\""),
        key(
            "elementType",
            "The model's input: \"float32\", or \"uint8\" for raw pixel values, which are neither scaled nor normalized.",
            or: "\"float32\""),
    ]

    private static func key(_ path: String, _ meaning: String, or defaultValue: String? = nil) -> DocumentedKey {
        DocumentedKey(path: path, meaning: meaning, defaultValue: defaultValue)
    }
}
