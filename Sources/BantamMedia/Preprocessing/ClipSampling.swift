/// Which frames of a video make a clip.
///
/// `frameCount` frames are taken, `stride` apart on a grid of `framesPerSecond`. A video shorter than that repeats its
/// last frame. For evaluation, several clips (`clipCount`, evenly spread over the video) and several crops of each
/// (`cropCount`, along the longer side) may be averaged: ``Preprocessing/views(of:notes:)``.
public struct ClipSampling: Hashable, Sendable, Codable {
    /// Frames of a clip: T in `[C, T, H, W]`.
    public var frameCount: Int
    /// Grid positions from one frame of the clip to the next.
    public var stride: Int
    /// The grid's rate; `nil` for the video's own, which is the average where frames come unevenly.
    public var framesPerSecond: Double?
    /// Clips per video in evaluation.
    public var clipCount: Int
    /// Crops per clip in evaluation: 1 (the centre) or 3.
    public var cropCount: Int

    public init(
        frameCount: Int, stride: Int = 1, framesPerSecond: Double? = nil, clipCount: Int = 1, cropCount: Int = 1
    ) {
        self.frameCount = frameCount
        self.stride = stride
        self.framesPerSecond = framesPerSecond
        self.clipCount = clipCount
        self.cropCount = cropCount
    }

    /// - Throws: ``MediaError`` with `invalidPreprocessing`, naming the key.
    public init(from decoder: any Decoder) throws {
        try self.init(try DocumentedObject(decoder, named: "clip", keys: Preprocessing.documentedKeys))
    }

    init(_ object: DocumentedObject) throws {
        guard let frameCount = try object.wholeNumber("frameCount") else { throw object.missing(["frameCount"]) }
        self.init(
            frameCount: frameCount,
            stride: try object.wholeNumber("stride") ?? 1,
            framesPerSecond: try object.number("framesPerSecond"),
            clipCount: try object.wholeNumber("clipCount") ?? 1,
            cropCount: try object.wholeNumber("cropCount") ?? 1)
    }

    /// - Throws: `invalidPreprocessing`, naming the field.
    public func validate() throws(MediaError) {
        guard (1...4096).contains(frameCount) else {
            throw .invalidPreprocessing("a clip of \(frameCount) frames; use 1 to 4096")
        }
        guard (1...4096).contains(stride) else { throw .invalidPreprocessing("a stride of \(stride); use 1 to 4096") }
        if let framesPerSecond, !(framesPerSecond >= 0.001 && framesPerSecond <= 1000) {
            throw .invalidPreprocessing("\(framesPerSecond) frames per second; use a number from 0.001 to 1000")
        }
        guard (1...100).contains(clipCount) else {
            throw .invalidPreprocessing("\(clipCount) clips per video; use 1 to 100")
        }
        guard cropCount == 1 || cropCount == 3 else {
            throw .invalidPreprocessing("\(cropCount) crops per clip; use 1 or 3")
        }
    }

    /// The source frames of one clip.
    ///
    /// - Parameters:
    ///   - sourceCount: Frames of the video.
    ///   - sourceRate: The video's frames per second; `nil` when unknown, and then `stride` counts source frames.
    ///   - start: Where the clip lies between the earliest (0) and the latest (1) place it fits.
    /// - Returns: `frameCount` ascending positions in `0..<sourceCount`.
    public func positions(in sourceCount: Int, sourceRate: Double?, start: Double) -> [Int] {
        let step: Double
        if let framesPerSecond, let sourceRate {
            step = Double(stride) * sourceRate / framesPerSecond
        } else {
            step = Double(stride)
        }
        let span = Double(frameCount - 1) * step
        // A container may claim any number.
        let last = min(max(sourceCount - 1, 0), 1 << 53)
        let first = (max(0, Double(last) - span) * min(max(start, 0), 1)).rounded(.down)
        return (0..<frameCount).map { frame in
            // Of the frames that are on display at that moment; a hair of tolerance for the division above.
            Int(min(Double(last), (first + Double(frame) * step + 1e-6).rounded(.down)))
        }
    }

    /// Where the clips of an evaluation start, in `0...1`: the middle for one, evenly spread for more.
    public var evaluationStarts: [Double] {
        clipCount == 1 ? [0.5] : (0..<clipCount).map { Double($0) / Double(clipCount - 1) }
    }
}
