public import BantamGraph

extension Preprocessing {
    /// The model's input for one image.
    ///
    /// - Returns: float32 of shape `[C, H, W]`.
    /// - Throws: `extentMismatch` when the image is smaller than the crop.
    public func apply(_ image: Image) throws(MediaError) -> TensorData {
        try ImagePipeline(self).tensor(of: SampleFrames(images: [image], isClip: false))
    }

    /// The model's input for the frames of one clip.
    ///
    /// - Parameter images: The frames themselves; nothing is sampled from them.
    /// - Returns: float32 of shape `[C, T, H, W]`.
    /// - Throws: `clipLengthMismatch` when there are not as many frames as ``clip`` tells; `extentMismatch` when
    ///   frames differ in extent or are smaller than the crop.
    public func apply(clip images: [Image]) throws(MediaError) -> TensorData {
        let expected = clip?.frameCount ?? max(images.count, 1)
        guard images.count == expected else { throw .clipLengthMismatch(images.count, expected: expected) }
        return try ImagePipeline(self).tensor(of: SampleFrames(images: images, isClip: true))
    }

    /// The model's input for one sample: its image, or the middle clip of its video.
    public func apply(_ sample: Sample) throws(MediaError) -> TensorData {
        let pipeline = ImagePipeline(self)
        return try pipeline.located(sample) { () throws(MediaError) -> TensorData in
            try pipeline.tensor(of: try pipeline.frames(of: sample, start: 0.5))
        }
    }

    /// The inputs whose outputs are averaged to judge one sample: ``ClipSampling/clipCount`` times
    /// ``ClipSampling/cropCount`` of a clip or a video, one of an image.
    public func views(of sample: Sample) throws(MediaError) -> [TensorData] {
        guard let clip, clip.clipCount * clip.cropCount > 1 else { return [try apply(sample)] }
        let pipeline = ImagePipeline(self)
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

    /// The model's input shape where the preprocessing fixes it: `[C, H, W]` or `[C, T, H, W]`.
    ///
    /// `nil` when the extent depends on the image.
    public var inputShape: Shape? {
        var extent = crop
        if extent == nil, case .exact(let width, let height) = resize {
            extent = ImageExtent(width: width, height: height)
        }
        guard let extent else { return nil }
        return Shape([colorOrder.channels] + (clip.map { [$0.frameCount] } ?? []) + [extent.height, extent.width])
    }
}

/// A sample's pictures, decoded.
struct SampleFrames {
    var images: [Image]
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
            return SampleFrames(images: [image], isClip: false)
        case .clip(let images):
            guard let clip = preprocessing.clip else { return SampleFrames(images: images, isClip: true) }
            guard !images.isEmpty else { throw .clipLengthMismatch(0, expected: clip.frameCount) }
            let positions = clip.positions(in: images.count, sourceRate: nil, start: start)
            return SampleFrames(images: positions.map { images[$0] }, isClip: true)
        case .video(let path):
            guard let clip = preprocessing.clip else { throw .missingClipSampling() }
            let video = try VideoFile(path)
            let count = if let known = video.frameCount { known } else { try video.countFrames() }
            let positions = clip.positions(in: count, sourceRate: video.framesPerSecond, start: start)
            return SampleFrames(images: try video.frames(at: positions), isClip: true)
        }
    }

    /// `[C, H, W]` or `[C, T, H, W]`.
    func shape(of frames: SampleFrames) throws(MediaError) -> Shape {
        guard let first = frames.images.first else { throw .clipLengthMismatch(0, expected: 1) }
        let extent = try outputExtent(of: first.extent)
        for image in frames.images.dropFirst() where image.extent != first.extent {
            let other = try outputExtent(of: image.extent)
            guard other == extent else {
                throw .differentExtents([other.height, other.width], expected: [extent.height, extent.width])
            }
        }
        let time = frames.isClip ? [frames.images.count] : []
        return Shape([preprocessing.colorOrder.channels] + time + [extent.height, extent.width])
    }

    /// Writes the frames as a tensor of the given shape, which is theirs.
    func write(
        _ frames: SampleFrames, shape: Shape, cropPosition: CropPosition = .center, draw: AugmentationDraw?,
        into target: UnsafeMutablePointer<Float>
    ) {
        let extent = ImageExtent(width: shape[shape.rank - 1], height: shape[shape.rank - 2])
        let frameElements = extent.width * extent.height
        for (time, image) in frames.images.enumerated() {
            write(
                image, extent: extent, cropPosition: cropPosition, draw: draw, into: target + time * frameElements,
                planeStride: frames.images.count * frameElements)
        }
    }

    func tensor(of frames: SampleFrames, cropPosition: CropPosition = .center) throws(MediaError) -> TensorData {
        let shape = try shape(of: frames)
        var tensor = TensorData(zeros: TensorType(.float32, shape))
        tensor.withUnsafeMutableElements(of: Float.self) { elements in
            guard let target = elements.baseAddress else { return }
            write(frames, shape: shape, cropPosition: cropPosition, draw: nil, into: target)
        }
        return tensor
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
