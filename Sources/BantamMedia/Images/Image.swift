/// A picture's width and height in pixels.
public struct ImageExtent: Hashable, Codable, Sendable, CustomStringConvertible {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// A square.
    public init(side: Int) {
        self.init(width: side, height: side)
    }

    /// Width and height exchanged.
    var transposed: ImageExtent { ImageExtent(width: height, height: width) }

    /// `"640x480"`, the width first.
    public var description: String { "\(width)x\(height)" }
}

/// A picture of 8-bit pixels, grey or RGB: what decoders give and ``Preprocessing`` takes.
///
/// ```swift
/// let photo = try ImageFile.decode("cat.jpg")
/// photo[x: 10, y: 20, channel: 0]  // red
/// let input = try Preprocessing.imageNet().apply(photo)  // [3, 224, 224]
/// ```
///
/// An image is a value; copies share their pixels.
public struct Image: Hashable, Sendable {
    public let width: Int
    public let height: Int
    /// 1 (grey) or 3 (red, green, blue).
    public let channels: Int
    /// Row by row from the top, without gaps; the channels of a pixel stand together: `[H, W, C]`.
    public let pixels: [UInt8]

    public var extent: ImageExtent { ImageExtent(width: width, height: height) }

    /// - Precondition: there are `width * height * channels` pixels, and 1 or 3 channels.
    public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
        precondition(
            width > 0 && height > 0 && (channels == 1 || channels == 3) && pixels.count == width * height * channels,
            "\(pixels.count) bytes are no image of \(width)x\(height) with \(channels) channels")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// An image of one colour.
    ///
    /// - Parameter color: One entry per channel.
    public init(width: Int, height: Int, filledWith color: [UInt8]) {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * color.count)
        for _ in 0..<width * height { pixels += color }
        self.init(width: width, height: height, channels: color.count, pixels: pixels)
    }

    public subscript(x x: Int, y y: Int, channel channel: Int) -> UInt8 {
        pixels[(y * width + x) * channels + channel]
    }

    /// The brightness of each pixel; a grey image is itself.
    ///
    /// Weights of ITU-R BT.601 in 16-bit fixed point, the same numbers as Pillow's `convert("L")`.
    public func gray() -> Image {
        guard channels == 3 else { return self }
        let count = width * height
        let gray = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            pixels.withUnsafeBufferPointer { source in
                for index in 0..<count {
                    let red = UInt32(source[3 * index])
                    let green = UInt32(source[3 * index + 1])
                    let blue = UInt32(source[3 * index + 2])
                    buffer[index] = UInt8(
                        truncatingIfNeeded: (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16)
                }
            }
            initialized = count
        }
        return Image(width: width, height: height, channels: 1, pixels: gray)
    }
}
