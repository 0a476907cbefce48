import BantamGraph

/// A picture of any number of channels, of 8-bit or floating-point values, however its channels lie in memory.
struct Picture {
    enum Values {
        case bytes([UInt8])
        case floats([Float])
    }

    let extent: ImageExtent
    let channels: Int
    let values: Values
    /// Elements from one to the next along each axis; a row follows on the row above it.
    let channelStride: Int
    let pixelStride: Int

    init(_ image: Image) {
        extent = image.extent
        channels = image.channels
        values = .bytes(image.pixels)
        (channelStride, pixelStride) = (1, image.channels)
    }

    /// - Parameters:
    ///   - tensor: uint8 or float32, `[C, H, W]` or `[H, W, C]`.
    ///   - layout: Which of the two.
    init(_ tensor: TensorData, layout: Preprocessing.Layout) {
        precondition(tensor.shape.rank == 3, "\(tensor.type) is no picture")
        let dimensions = tensor.shape.dimensions
        switch layout {
        case .channelsFirst:
            extent = ImageExtent(width: dimensions[2], height: dimensions[1])
            channels = dimensions[0]
            (channelStride, pixelStride) = (dimensions[1] * dimensions[2], 1)
        case .channelsLast:
            extent = ImageExtent(width: dimensions[1], height: dimensions[0])
            channels = dimensions[2]
            (channelStride, pixelStride) = (1, dimensions[2])
        }
        values = tensor.dtype == .uint8 ? .bytes(tensor.elements()) : .floats(tensor.elements())
    }

    private init(extent: ImageExtent, channels: Int, planes: Values) {
        self.extent = extent
        self.channels = channels
        values = planes
        (channelStride, pixelStride) = (extent.width * extent.height, 1)
    }

    /// The picture scaled as ``Image/resized(to:)`` does it, each channel by itself.
    func resized(to newExtent: ImageExtent) -> Picture {
        guard newExtent != extent else { return self }
        switch values {
        case .bytes(let bytes):
            let planes = (0..<channels).flatMap { channel in
                Image(
                    width: extent.width, height: extent.height, channels: 1, pixels: plane(channel, of: bytes)
                ).resized(to: newExtent).pixels
            }
            return Picture(extent: newExtent, channels: channels, planes: .bytes(planes))
        case .floats(let floats):
            let filter = FloatResampling(from: extent, to: newExtent)
            let planes = (0..<channels).flatMap { filter.apply(to: plane($0, of: floats)) }
            return Picture(extent: newExtent, channels: channels, planes: .floats(planes))
        }
    }

    private func plane<Element>(_ channel: Int, of elements: [Element]) -> [Element] {
        let count = extent.width * extent.height
        if pixelStride == 1 { return Array(elements[channel * channelStride..<channel * channelStride + count]) }
        return (0..<count).map { elements[channel * channelStride + $0 * pixelStride] }
    }
}

/// Scaling of floating-point planes with the filter of ``Image/resized(to:)``.
private struct FloatResampling {
    private let source: ImageExtent
    private let target: ImageExtent
    private let columns: TriangleFilter
    private let rows: TriangleFilter

    init(from source: ImageExtent, to target: ImageExtent) {
        self.source = source
        self.target = target
        columns = TriangleFilter(from: source.width, to: target.width)
        rows = TriangleFilter(from: source.height, to: target.height)
    }

    /// - Complexity: O(pixels of the larger plane).
    func apply(to plane: [Float]) -> [Float] {
        var narrow = [Float](repeating: 0, count: target.width * source.height)
        for x in 0..<target.width {
            let taps = columns.taps(of: x)
            for y in 0..<source.height {
                narrow[y * target.width + x] = Self.sum(taps) { plane[y * source.width + $0] }
            }
        }
        var result = [Float](repeating: 0, count: target.width * target.height)
        for y in 0..<target.height {
            let taps = rows.taps(of: y)
            for x in 0..<target.width {
                result[y * target.width + x] = Self.sum(taps) { narrow[$0 * target.width + x] }
            }
        }
        return result
    }

    private static func sum(_ taps: (first: Int, weights: ArraySlice<Int32>), _ value: (Int) -> Float) -> Float {
        var total = 0.0
        for (tap, weight) in taps.weights.enumerated() {
            total += Double(value(taps.first + tap)) * Double(weight)
        }
        return Float(total / Double(1 << TriangleFilter.precision))
    }
}
