import BantamGraph

/// A ``Preprocessing`` made ready to run over many images.
///
/// An 8-bit value has 256 results per channel, so normalisation is a look-up: one load and one store a value, exact
/// in double precision, and the same table serves every image.
struct ImagePipeline: Sendable {
    let preprocessing: Preprocessing
    let limits: MediaLimits
    /// Is told of files that can be used only in part.
    let notes: MediaNotes?
    /// 256 results for each channel of the output; one row may stand for all channels.
    private let table: [Float]

    init(_ preprocessing: Preprocessing, limits: MediaLimits = .standard, notes: MediaNotes? = nil) {
        self.preprocessing = preprocessing
        self.notes = notes
        self.limits = limits
        table = Self.table(preprocessing, AugmentationDraw())
    }

    private static func table(_ preprocessing: Preprocessing, _ draw: AugmentationDraw) -> [Float] {
        zip(preprocessing.mean, preprocessing.std).flatMap { mean, std in
            (0..<256).map { value in
                Float((draw.adjusted(Double(value)) * preprocessing.scale - mean) / std)
            }
        }
    }

    private static func byteTable(_ draw: AugmentationDraw) -> [UInt8] {
        (0..<256).map { UInt8(draw.adjusted(Double($0)).rounded()) }
    }

    /// The extent after resizing.
    ///
    /// - Throws: `tooLarge` when it goes beyond the limits, which a long, narrow image can reach.
    func resizedExtent(of extent: ImageExtent) throws(MediaError) -> ImageExtent {
        let resized: ImageExtent
        switch preprocessing.resize {
        case .keep: resized = extent
        case .exact(let width, let height): resized = ImageExtent(width: width, height: height)
        case .shorterSide(let pixels):
            // The longer side rounds down, as in torchvision. Neither factor is beyond 32 bits.
            if extent.width <= extent.height {
                resized = ImageExtent(width: pixels, height: pixels * extent.height / extent.width)
            } else {
                resized = ImageExtent(width: pixels * extent.width / extent.height, height: pixels)
            }
        }
        let (count, overflow) = resized.width.multipliedReportingOverflow(by: resized.height)
        guard !overflow, count <= limits.pixels else {
            throw .tooLargeAfterScaling(extent, resized, limit: limits.pixels)
        }
        return resized
    }

    /// The extent that the model sees.
    ///
    /// - Throws: `tooLarge`; `extentMismatch` when the image is smaller than the crop.
    func outputExtent(of extent: ImageExtent) throws(MediaError) -> ImageExtent {
        let resized = try resizedExtent(of: extent)
        guard let crop = preprocessing.crop else { return resized }
        guard resized.width >= crop.width, resized.height >= crop.height else {
            throw .smallerThanCrop(resized, crop: crop)
        }
        return crop
    }

    /// Scales a picture and brings its channels into the model's number.
    ///
    /// - Throws: `tooLarge`.
    func scaled(_ frame: SampleFrames.Frame) throws(MediaError) -> Picture {
        switch frame {
        case .image(let image):
            var image = image.resized(to: try resizedExtent(of: image.extent))
            if preprocessing.colorOrder == .gray { image = image.gray() }
            return Picture(image)
        case .tensor(let picture):
            return picture.resized(to: try resizedExtent(of: picture.extent))
        }
    }

    /// Writes one picture as one frame of a sample.
    ///
    /// - Parameters:
    ///   - picture: As ``scaled(_:)`` gives it, at least as large as the output.
    ///   - layout: The sample's.
    ///   - cropPosition: Where the crop lies along each side, 0.5 for the centre.
    ///   - frame: Where the frame begins, aligned for its type.
    func write(
        _ picture: Picture, _ layout: SampleLayout, cropPosition: CropPosition = .center, draw: AugmentationDraw?,
        into frame: UnsafeMutableRawPointer
    ) {
        let draw = draw ?? AugmentationDraw()
        switch (picture.values, preprocessing.elementType) {
        case (.bytes(let bytes), .float32):
            let table = draw.changesColor ? Self.table(preprocessing, draw) : self.table
            let frame = frame.assumingMemoryBound(to: Float.self)
            table.withUnsafeBufferPointer { table in
                guard let base = table.baseAddress else { return }
                forEachPlane(of: picture, bytes, layout, cropPosition) { plane, channel in
                    plane.write(
                        to: frame + channel * layout.channelStride, layout, draw: draw,
                        through: TableMap(table: base + 256 * row(of: channel)))
                }
            }
            erase(draw.erasure, in: frame, layout, to: 0)
        case (.bytes(let bytes), .uint8):
            let frame = frame.assumingMemoryBound(to: UInt8.self)
            Self.byteTable(draw).withUnsafeBufferPointer { table in
                guard let base = table.baseAddress else { return }
                forEachPlane(of: picture, bytes, layout, cropPosition) { plane, channel in
                    plane.write(
                        to: frame + channel * layout.channelStride, layout, draw: draw, through: TableMap(table: base))
                }
            }
            // The mean colour is the model's own affair; middle grey is near every one.
            erase(draw.erasure, in: frame, layout, to: 128)
        case (.floats(let floats), _):
            let frame = frame.assumingMemoryBound(to: Float.self)
            forEachPlane(of: picture, floats, layout, cropPosition) { plane, channel in
                let row = row(of: channel)
                plane.write(
                    to: frame + channel * layout.channelStride, layout, draw: draw,
                    through: NormalizingMap(
                        scale: preprocessing.scale, mean: preprocessing.mean[row], std: preprocessing.std[row]))
            }
            erase(draw.erasure, in: frame, layout, to: 0)
        }
    }

    /// Which entry of mean and std is a channel's.
    private func row(of channel: Int) -> Int { preprocessing.mean.count == 1 ? 0 : channel }

    private func forEachPlane<Source>(
        of picture: Picture, _ values: [Source], _ layout: SampleLayout, _ position: CropPosition,
        _ body: (PixelPlane<Source>, Int) -> Void
    ) {
        let origin = position.origin(of: layout.extent, in: picture.extent)
        let rowStride = picture.extent.width * picture.pixelStride
        values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for channel in 0..<layout.channels {
                let sourceChannel =
                    picture.channels == 1 ? 0 : preprocessing.colorOrder == .bgr ? 2 - channel : channel
                let start =
                    sourceChannel * picture.channelStride + origin.top * rowStride + origin.left * picture.pixelStride
                let plane = PixelPlane(
                    source: base + start, pixelStride: picture.pixelStride, rowStride: rowStride,
                    rows: -origin.top..<picture.extent.height - origin.top,
                    columns: -origin.left..<picture.extent.width - origin.left)
                body(plane, channel)
            }
        }
    }

    private func erase<Element>(
        _ erasure: AugmentationDraw.Rectangle?, in frame: UnsafeMutablePointer<Element>, _ layout: SampleLayout,
        to value: Element
    ) {
        guard let hole = erasure?.rectangle(in: layout.extent) else { return }
        for channel in 0..<layout.channels {
            for y in hole.rows {
                let row = frame + channel * layout.channelStride + y * layout.rowStride
                for x in hole.columns { row[x * layout.pixelStride] = value }
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
