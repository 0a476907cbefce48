/// How a stored picture must be turned to be seen, with the numbers of EXIF.
///
/// - Reference: CIPA DC-008, *Exchangeable image file format for digital still cameras: Exif*, section 4.6.4.
enum Orientation: Int32 {
    case upright = 1
    case mirrored, upsideDown, mirroredUpsideDown
    /// Rows become columns, first to first.
    case transposed
    /// A quarter turn clockwise.
    case turnedRight
    case transposedBackwards, turnedLeft

    /// Whether width and height are exchanged.
    var isSideways: Bool { rawValue >= Orientation.transposed.rawValue }
}

extension Image {
    /// The picture as it is meant to be seen.
    ///
    /// - Complexity: O(pixels).
    func turned(_ orientation: Orientation) -> Image {
        guard orientation != .upright else { return self }
        // Where the source's pixel (0, 0) goes, and steps in the result for one to the right and one down in the source.
        let (newWidth, newHeight) = orientation.isSideways ? (height, width) : (width, height)
        let (right, bottom, step) = (newWidth - 1, (newHeight - 1) * newWidth, newWidth)
        let (start, across, down): (Int, Int, Int)
        switch orientation {
        case .upright: (start, across, down) = (0, 1, step)
        case .mirrored: (start, across, down) = (right, -1, step)
        case .upsideDown: (start, across, down) = (bottom + right, -1, -step)
        case .mirroredUpsideDown: (start, across, down) = (bottom, 1, -step)
        case .transposed: (start, across, down) = (0, step, 1)
        case .turnedRight: (start, across, down) = (right, step, -1)
        case .transposedBackwards: (start, across, down) = (bottom + right, -step, -1)
        case .turnedLeft: (start, across, down) = (bottom, -step, 1)
        }
        let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, initialized in
            pixels.withUnsafeBufferPointer { source in
                var place = 0
                for y in 0..<height {
                    var target = start + y * down
                    for _ in 0..<width {
                        for channel in 0..<channels { buffer[target * channels + channel] = source[place + channel] }
                        place += channels
                        target += across
                    }
                }
            }
            initialized = pixels.count
        }
        return Image(width: newWidth, height: newHeight, channels: channels, pixels: turned)
    }
}
