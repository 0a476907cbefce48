import BantamGraph

/// A ``Preprocessing`` made ready to run over many images.
///
/// An 8-bit value has 256 results per channel, so normalisation is a look-up: one load and one store a value, exact
/// in double precision, and the same table serves every image.
struct ImagePipeline: Sendable {
    let preprocessing: Preprocessing
    /// 256 results for each channel of the output.
    private let table: [Float]

    init(_ preprocessing: Preprocessing) {
        self.preprocessing = preprocessing
        table = Self.table(preprocessing, AugmentationDraw())
    }

    private static func table(_ preprocessing: Preprocessing, _ draw: AugmentationDraw) -> [Float] {
        zip(preprocessing.mean, preprocessing.std).flatMap { mean, std in
            (0..<256).map { value in
                Float((draw.adjusted(Double(value)) * preprocessing.scale - mean) / std)
            }
        }
    }

    /// The extent after resizing.
    func resizedExtent(of extent: ImageExtent) -> ImageExtent {
        switch preprocessing.resize {
        case .keep: return extent
        case .exact(let width, let height): return ImageExtent(width: width, height: height)
        case .shorterSide(let pixels):
            // The longer side rounds down, as in torchvision.
            if extent.width <= extent.height {
                return ImageExtent(width: pixels, height: pixels * extent.height / extent.width)
            }
            return ImageExtent(width: pixels * extent.width / extent.height, height: pixels)
        }
    }

    /// The extent that the model sees.
    ///
    /// - Throws: `extentMismatch` when the image is smaller than the crop.
    func outputExtent(of extent: ImageExtent) throws(MediaError) -> ImageExtent {
        let resized = resizedExtent(of: extent)
        guard let crop = preprocessing.crop else { return resized }
        guard resized.width >= crop.width, resized.height >= crop.height else {
            throw .smallerThanCrop(resized, crop: crop)
        }
        return crop
    }

    /// Writes one image as `[C, H, W]` planes.
    ///
    /// - Parameters:
    ///   - image: Its output extent must be `extent`.
    ///   - cropPosition: Where the crop lies along each side, 0.5 for the centre.
    ///   - planes: The first channel's plane; the next is `planeStride` elements on.
    func write(
        _ image: Image, extent: ImageExtent, cropPosition: CropPosition = .center, draw: AugmentationDraw?,
        into planes: UnsafeMutablePointer<Float>, planeStride: Int
    ) {
        let resizedExtent = resizedExtent(of: image.extent)
        var source = resizedExtent == image.extent ? image : image.resized(to: resizedExtent)
        if preprocessing.colorOrder == .gray { source = source.gray() }
        let draw = draw ?? AugmentationDraw()
        let table = draw.changesColor ? Self.table(preprocessing, draw) : self.table
        let origin = cropPosition.origin(of: extent, in: source.extent)
        source.pixels.withUnsafeBufferPointer { pixels in
            table.withUnsafeBufferPointer { table in
                for channel in 0..<preprocessing.colorOrder.channels {
                    let sourceChannel =
                        source.channels == 1 ? 0 : preprocessing.colorOrder == .bgr ? 2 - channel : channel
                    let start = (origin.top * source.width + origin.left) * source.channels + sourceChannel
                    let plane = Plane(
                        source: UnsafeBufferPointer(rebasing: pixels[start...]), pixelStride: source.channels,
                        rowStride: source.width * source.channels,
                        table: UnsafeBufferPointer(rebasing: table[256 * channel..<256 * (channel + 1)]))
                    plane.write(to: planes + channel * planeStride, extent: extent, draw: draw)
                }
            }
        }
        if let hole = draw.erasure?.rectangle(in: extent) {
            for channel in 0..<preprocessing.colorOrder.channels {
                for y in hole.rows {
                    (planes + channel * planeStride + y * extent.width + hole.columns.lowerBound)
                        .update(repeating: 0, count: hole.columns.count)
                }
            }
        }
    }
}

/// Where a crop is taken from an image.
enum CropPosition {
    /// Offsets halfway between two pixels round to even, as in torchvision.
    case center
    /// A place along the longer side: 0 is left or top, 1 is right or bottom.
    case alongLongerSide(Double)

    func origin(of crop: ImageExtent, in extent: ImageExtent) -> (left: Int, top: Int) {
        let room = (x: Double(extent.width - crop.width), y: Double(extent.height - crop.height))
        var place = (x: 0.5, y: 0.5)
        if case .alongLongerSide(let fraction) = self {
            if extent.width >= extent.height { place.x = fraction } else { place.y = fraction }
        }
        return (
            Int((room.x * place.x).rounded(.toNearestOrEven)), Int((room.y * place.y).rounded(.toNearestOrEven))
        )
    }
}

/// One channel of the crop of an image, and the table of its results.
private struct Plane {
    /// Starts at the channel's first value.
    var source: UnsafeBufferPointer<UInt8>
    var pixelStride: Int
    var rowStride: Int
    var table: UnsafeBufferPointer<Float>

    /// Outside of the crop, where a shift looks, all is black.
    func write(to target: UnsafeMutablePointer<Float>, extent: ImageExtent, draw: AugmentationDraw) {
        let (width, height) = (extent.width, extent.height)
        let first = min(max(0, -draw.shiftX), width)
        let end = max(min(width, width - draw.shiftX), first)
        for y in 0..<height {
            let row = target + y * width
            let sourceY = y + draw.shiftY
            guard (0..<height).contains(sourceY) else {
                row.update(repeating: table[0], count: width)
                continue
            }
            if first > 0 || end < width { row.update(repeating: table[0], count: width) }
            let start = sourceY * rowStride + (first + draw.shiftX) * pixelStride
            if first < end { copy(end - first, from: start, to: row, at: first, width: width, flipped: draw.isFlipped) }
        }
    }

    private func copy(
        _ count: Int, from start: Int, to row: UnsafeMutablePointer<Float>, at first: Int, width: Int, flipped: Bool
    ) {
        guard let source = source.baseAddress.map({ $0 + start }), let table = table.baseAddress else { return }
        if flipped {
            let last = row + (width - 1 - first)
            for x in 0..<count { last[-x] = table[Int(source[x * pixelStride])] }
        } else if pixelStride == 1 {
            let target = row + first
            for x in 0..<count { target[x] = table[Int(source[x])] }
        } else {
            let target = row + first
            for x in 0..<count { target[x] = table[Int(source[x * pixelStride])] }
        }
    }
}
