/// The course of time in a video.
struct VideoTimeline: Hashable {
    var frameCount: Int
    /// The rate that the container names; `nil` when it names none.
    var framesPerSecond: Double?
    var averageRate: Double?
    /// `nil` when the container does not tell.
    var durationSeconds: Double?

    /// Whether the frames come at the named rate and fill the duration at it. Otherwise the rate is a fiction, and only
    /// time stamps tell when a frame is on display.
    var isConstantRate: Bool {
        guard ratesAgree else { return false }
        guard let framesPerSecond, let durationSeconds else { return true }
        let expected = durationSeconds * framesPerSecond
        return abs(expected - Double(frameCount)) <= 1.5 + 0.01 * expected
    }

    /// How long the video would last by the frames that the container counts, where that is clearly longer than what the
    /// file holds: it was cut off, and the index that counts less stood at its end.
    var promisedSeconds: Double? {
        guard ratesAgree, let framesPerSecond, let durationSeconds else { return nil }
        let promised = Double(frameCount) / framesPerSecond
        return promised > durationSeconds + max(1.5 / framesPerSecond, 0.01 * promised) ? promised : nil
    }

    private var ratesAgree: Bool {
        guard let averageRate, let framesPerSecond else { return true }
        return abs(averageRate - framesPerSecond) <= 0.01 * framesPerSecond
    }

    /// The same up to a time where the stream turned out to end.
    func ending(at seconds: Double) -> VideoTimeline {
        let isConstantRate = self.isConstantRate
        var shorter = self
        shorter.durationSeconds = durationSeconds.map { min($0, seconds) }
        let share = durationSeconds.map { $0 > 0 ? seconds / $0 : 1 } ?? 1
        let frames = isConstantRate ? seconds * (framesPerSecond ?? 1) : Double(frameCount) * share
        shorter.frameCount = min(max(Int(min(frames, 1e15).rounded()), 1), frameCount)
        return shorter
    }
}

/// When frames are wanted of a video.
struct FrameTimes: Hashable {
    /// Since the start, ascending.
    var seconds: [Double]
    /// How much later a frame may come on display and still count: time stamps are rounded.
    var tolerance: Double
}

extension ClipSampling {
    /// When the frames of one clip are on display.
    ///
    /// At a constant rate the grid is one of frames. Otherwise it is one of seconds, at ``framesPerSecond`` or else at
    /// the video's average rate, and each time gives the frame on display then.
    ///
    /// - Parameter start: Where the clip lies between the earliest (0) and the latest (1) place it fits.
    func times(in timeline: VideoTimeline, start: Double) -> FrameTimes {
        guard !timeline.isConstantRate, let duration = timeline.durationSeconds else {
            let rate = timeline.framesPerSecond ?? 1
            let positions = positions(
                in: timeline.frameCount, sourceRate: timeline.framesPerSecond, start: start)
            return FrameTimes(seconds: positions.map { Double($0) / rate }, tolerance: 0.5 / rate)
        }
        let rate = framesPerSecond ?? Double(timeline.frameCount) / duration
        let step = Double(stride) / rate
        let span = Double(frameCount - 1) * step
        let first = max(0, duration - span) * min(max(start, 0), 1)
        // Containers round time stamps to a millisecond or finer.
        return FrameTimes(
            seconds: (0..<frameCount).map { min(first + Double($0) * step, duration) }, tolerance: 0.001)
    }
}
