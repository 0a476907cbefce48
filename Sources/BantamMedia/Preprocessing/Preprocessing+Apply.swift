public import BantamGraph

extension Preprocessing {
    /// The model's input for one image.
    ///
    /// - Returns: float32 or uint8 of shape `[C, H, W]`, or `[H, W, C]` with ``Layout/channelsLast``.
    /// - Throws: `extentMismatch` when the image is smaller than the crop; `tooLarge` when it would be scaled beyond
    ///   the limits.
    public func apply(_ image: Image) throws(MediaError) -> TensorData {
        try ImagePipeline(self).tensor(of: SampleFrames(frames: [.image(image)], isClip: false))
    }

    /// The model's input for the frames of one clip.
    ///
    /// - Parameter images: The frames themselves; nothing is sampled from them.
    /// - Returns: float32 or uint8 of shape `[C, T, H, W]`, or `[T, H, W, C]` with ``Layout/channelsLast``.
    /// - Throws: `clipLengthMismatch` when there are not as many frames as ``clip`` tells; `extentMismatch` when
    ///   frames differ in extent or are smaller than the crop.
    public func apply(clip images: [Image]) throws(MediaError) -> TensorData {
        let expected = clip?.frameCount ?? max(images.count, 1)
        guard images.count == expected else { throw .clipLengthMismatch(images.count, expected: expected) }
        return try ImagePipeline(self).tensor(of: SampleFrames(frames: images.map { .image($0) }, isClip: true))
    }

    /// The model's input for one sample: its image or tensor, or the middle clip of its video.
    ///
    /// - Parameter notes: Is told of files that can be used only in part.
    public func apply(_ sample: Sample, notes: MediaNotes? = nil) throws(MediaError) -> TensorData {
        let pipeline = ImagePipeline(self, notes: notes)
        return try pipeline.located(sample) { () throws(MediaError) -> TensorData in
            try pipeline.tensor(of: try pipeline.frames(of: sample, start: 0.5))
        }
    }

    /// The inputs whose outputs are averaged to judge one sample: ``ClipSampling/clipCount`` times
    /// ``ClipSampling/cropCount`` of a clip or a video, one of an image.
    public func views(of sample: Sample, notes: MediaNotes? = nil) throws(MediaError) -> [TensorData] {
        guard let clip, clip.clipCount * clip.cropCount > 1 else { return [try apply(sample, notes: notes)] }
        let pipeline = ImagePipeline(self, notes: notes)
        let positions: [CropPosition] = clip.cropCount == 1 ? [.center] : [0, 0.5, 1].map { .alongLongerSide($0) }
        return try pipeline.located(sample) { () throws(MediaError) -> [TensorData] in
            var views: [TensorData] = []
            for start in clip.evaluationStarts {
                let frames = try pipeline.frames(of: sample, start: start)
                for position in positions { views.append(try pipeline.tensor(of: frames, cropPosition: position)) }
            }
            return views
        }
    }

    /// The model's input shape where the preprocessing fixes it: `[C, H, W]` or `[C, T, H, W]`, with the channels last
    /// where ``layout`` says so.
    ///
    /// `nil` when the extent or the number of channels depends on the sample.
    public var inputShape: Shape? {
        var extent = crop
        if extent == nil, case .exact(let width, let height) = resize {
            extent = ImageExtent(width: width, height: height)
        }
        guard let extent, let channels else { return nil }
        return SampleLayout(channels: channels, frames: clip?.frameCount, extent: extent, order: layout).shape
    }
}

/// A sample's pictures, decoded.
struct SampleFrames {
    enum Frame {
        case image(Image)
        case tensor(Picture)

        var extent: ImageExtent {
            switch self {
            case .image(let image): image.extent
            case .tensor(let picture): picture.extent
            }
        }
    }

    var frames: [Frame]
    /// Whether they make a clip; an image has no time axis.
    var isClip: Bool
}

extension ImagePipeline {
    /// Decodes what the model sees of a sample.
    ///
    /// - Parameter start: Where a clip lies in its video, in `0...1`.
    func frames(of sample: Sample, start: Double) throws(MediaError) -> SampleFrames {
        switch sample.content {
        case .image(let image):
            if let clip = preprocessing.clip { throw .clipLengthMismatch(1, expected: clip.frameCount) }
            return SampleFrames(frames: [.image(image)], isClip: false)
        case .tensor(let tensor):
            if let clip = preprocessing.clip { throw .clipLengthMismatch(1, expected: clip.frameCount) }
            return SampleFrames(
                frames: [.tensor(Picture(tensor, layout: preprocessing.layout))], isClip: false)
        case .clip(let images):
            guard let clip = preprocessing.clip else {
                return SampleFrames(frames: images.map { .image($0) }, isClip: true)
            }
            guard !images.isEmpty else { throw .clipLengthMismatch(0, expected: clip.frameCount) }
            let positions = clip.positions(in: images.count, sourceRate: nil, start: start)
            return SampleFrames(frames: positions.map { .image(images[$0]) }, isClip: true)
        case .video(let path):
            guard let clip = preprocessing.clip else { throw .missingClipSampling() }
            return SampleFrames(frames: try frames(ofVideo: path, clip, start: start), isClip: true)
        }
    }

    /// The frames of one clip of a video, scaled as soon as they are decoded: they may be many and large.
    ///
    /// A video that ends before its container says gives a clip of what there is, and a note.
    private func frames(
        ofVideo path: String, _ clip: ClipSampling, start: Double
    ) throws(MediaError) -> [SampleFrames.Frame] {
        let video = try VideoFile(path, limits: limits)
        let timeline = try video.timeline()
        let scale = { (image: Image) throws(MediaError) in image.resized(to: try resizedExtent(of: image.extent)) }
        var found = try video.pictures(at: clip.times(in: timeline, start: start), scale)
        if let end = found.earlyEnd {
            notes?.add(.endsEarly(path, end, duration: timeline.durationSeconds))
            found = try video.pictures(at: clip.times(in: timeline.ending(at: end.seconds), start: start), scale)
        } else if let promised = timeline.promisedSeconds {
            let end = VideoFile.EarlyEnd(seconds: timeline.durationSeconds ?? 0)
            notes?.add(.endsEarly(path, end, duration: promised))
        }
        if found.damagedCount > 0 { notes?.add(.damagedFrames(path, count: found.damagedCount)) }
        return found.pictures.map { .image($0) }
    }

    /// The axes of a sample's tensor.
    ///
    /// - Throws: What the sample cannot give: `extentMismatch`, `channelMismatch`, `clipLengthMismatch`, `tooLarge`.
    func layout(of frames: SampleFrames) throws(MediaError) -> SampleLayout {
        guard let first = frames.frames.first else { throw .clipLengthMismatch(0, expected: 1) }
        let extent = try outputExtent(of: first.extent)
        for frame in frames.frames.dropFirst() where frame.extent != first.extent {
            let other = try outputExtent(of: frame.extent)
            guard other == extent else {
                throw .differentExtents([other.height, other.width], expected: [extent.height, extent.width])
            }
        }
        return SampleLayout(
            channels: try channels(of: first), frames: frames.isClip ? frames.frames.count : nil, extent: extent,
            order: preprocessing.layout)
    }

    private func channels(of frame: SampleFrames.Frame) throws(MediaError) -> Int {
        switch frame {
        case .image(let image):
            // Grey becomes colour and colour grey, but neither becomes anything else.
            let channels = preprocessing.colorOrder.channels ?? image.channels
            guard preprocessing.channels ?? channels == channels else {
                throw .channelMismatch(channels, expected: preprocessing.channels ?? channels, preprocessing.layout)
            }
            return channels
        case .tensor(let picture):
            guard preprocessing.channels ?? picture.channels == picture.channels else {
                throw .channelMismatch(
                    picture.channels, expected: preprocessing.channels ?? picture.channels, preprocessing.layout)
            }
            if case .floats = picture.values, preprocessing.elementType == .uint8 { throw .floatsForBytes() }
            return picture.channels
        }
    }

    /// Writes the frames as a tensor of the given layout, which is theirs.
    ///
    /// - Parameter target: Where the sample begins, aligned for its type.
    func write(
        _ frames: SampleFrames, _ layout: SampleLayout, cropPosition: CropPosition = .center,
        draw: AugmentationDraw?, into target: UnsafeMutableRawPointer
    ) throws(MediaError) {
        for (time, frame) in frames.frames.enumerated() {
            let picture = try scaled(frame)
            if case .floats = picture.values, draw?.changesColor == true { throw .jitteredFloats() }
            write(
                picture, layout, cropPosition: cropPosition, draw: draw,
                into: target + time * layout.frameStride * preprocessing.elementType.byteCount)
        }
    }

    func tensor(of frames: SampleFrames, cropPosition: CropPosition = .center) throws(MediaError) -> TensorData {
        var stack = SampleStack(count: 1, preprocessing.elementType)
        try stack.setRow(0, try layout(of: frames)) { (target, layout) throws(MediaError) in
            try write(frames, layout, cropPosition: cropPosition, draw: nil, into: target)
        }
        guard let inputs = stack.inputs, let shape = stack.layout?.shape else { throw .emptyDataset("data") }
        return inputs.reshaped(to: shape)
    }

    /// Names the sample in whatever goes wrong with it.
    func located<Result>(
        _ sample: Sample, _ body: () throws(MediaError) -> Result
    ) throws(MediaError) -> Result {
        do throws(MediaError) {
            return try body()
        } catch {
            throw error.located(inFile: sample.name)
        }
    }
}

extension Preprocessing.ElementType {
    public var dtype: DType {
        switch self {
        case .float32: .float32
        case .uint8: .uint8
        }
    }

    var byteCount: Int { self == .float32 ? 4 : 1 }
}
