public import BantamGraph

/// Clips of a moving shape whose class is the direction it moves in.
///
/// One frame tells nothing: shape, colours, speed and place are drawn alike for every class, and the shape leaves the
/// picture on one side to come in on the other. A model must see motion to be right more often than one time in five.
///
/// Sample `i` depends on the seed and `i` alone.
public struct SyntheticClips: Dataset {
    public let classNames = ["left", "right", "up", "down", "still"]
    public let count: Int
    public let frameCount: Int
    public let extent: ImageExtent
    /// 1 or 3.
    public let channels: Int
    private let seed: UInt64

    /// - Precondition: `count` is not negative, `frameCount` is positive, `extent` is at least 8x8, and there are 1 or
    ///   3 channels.
    public init(
        count: Int, frameCount: Int = 8, extent: ImageExtent = ImageExtent(side: 32), channels: Int = 1,
        seed: UInt64 = 0
    ) {
        precondition(count >= 0 && frameCount > 0, "\(count) clips of \(frameCount) frames")
        precondition(extent.width >= 8 && extent.height >= 8, "\(extent) has no room for a shape")
        precondition(channels == 1 || channels == 3, "an image has 1 or 3 channels, not \(channels)")
        self.count = count
        self.frameCount = frameCount
        self.extent = extent
        self.channels = channels
        self.seed = seed
    }

    public func label(at index: Int) -> Int { index % classNames.count }

    public func sample(at index: Int) throws(MediaError) -> Sample {
        var random = SeededGenerator(seed: seed).stream("synthetic clip \(index)")
        var shape = MovingShape(extent: extent, channels: channels, random: &random)
        let label = label(at: index)
        let direction = [(-1, 0), (1, 0), (0, -1), (0, 1), (0, 0)][label]
        let frames = (0..<frameCount).map { _ in
            let frame = shape.drawn(extent: extent, random: &random)
            shape.move(direction, in: extent)
            return frame
        }
        return Sample(.clip(frames), label: label, name: "synthetic clip \(index)")
    }
}

/// A bright figure on a darker, noisy ground.
private struct MovingShape {
    private enum Figure: Int {
        case square, disc, cross
    }

    private let figure: Figure
    private let radius: Int
    private let speed: Int
    private let color: [UInt8]
    private let ground: [UInt8]
    private var x: Int
    private var y: Int

    init(extent: ImageExtent, channels: Int, random: inout SeededGenerator) {
        let shorter = min(extent.width, extent.height)
        figure = Figure(rawValue: random.integer(below: 3)) ?? .square
        radius = max(2, shorter / 10) + random.integer(below: max(1, shorter / 10))
        speed = 1 + random.integer(below: max(1, shorter / 10))
        color = (0..<channels).map { _ in UInt8(150 + random.integer(below: 90)) }
        ground = (0..<channels).map { _ in UInt8(random.integer(below: 90)) }
        x = random.integer(below: extent.width)
        y = random.integer(below: extent.height)
    }

    mutating func move(_ direction: (x: Int, y: Int), in extent: ImageExtent) {
        x = (x + direction.x * speed + extent.width) % extent.width
        y = (y + direction.y * speed + extent.height) % extent.height
    }

    func drawn(extent: ImageExtent, random: inout SeededGenerator) -> Image {
        let channels = color.count
        let count = extent.width * extent.height * channels
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var noise: UInt64 = 0
            for index in 0..<count {
                // Eight values of noise from one draw.
                if index % 8 == 0 { noise = random.next() }
                let pixel = index / channels
                let isInside = covers(pixel % extent.width, pixel / extent.width, in: extent)
                buffer[index] = (isInside ? color : ground)[index % channels] + UInt8(noise & 15)
                noise >>= 8
            }
            initialized = count
        }
        return Image(width: extent.width, height: extent.height, channels: channels, pixels: pixels)
    }

    /// Distances wrap around the edges, so that the shape is whole wherever it is.
    private func covers(_ pixelX: Int, _ pixelY: Int, in extent: ImageExtent) -> Bool {
        var (dx, dy) = (abs(pixelX - x), abs(pixelY - y))
        dx = min(dx, extent.width - dx)
        dy = min(dy, extent.height - dy)
        switch figure {
        case .square: return dx <= radius && dy <= radius
        case .disc: return dx * dx + dy * dy <= radius * radius
        case .cross: return (dx <= radius && dy <= radius / 3) || (dy <= radius && dx <= radius / 3)
        }
    }
}
