public import BantamGraph

extension VideoFile {
    /// The frames on display at the given positions of a constant-rate grid.
    ///
    /// Position `i` is time `i / framesPerSecond`; where the file stores frames at uneven times, the latest one not
    /// after it is taken. Positions beyond the end give the last frame.
    ///
    /// - Parameter positions: In ascending order; repetitions are fine.
    /// - Returns: As many images as positions.
    /// - Throws: `corruptMedia` when not one frame can be decoded, and what `next()` throws.
    /// - Complexity: O(frames from the key frame before the first position to the last).
    public func frames(at positions: [Int]) throws(MediaError) -> [Image] {
        let rate = framesPerSecond ?? 1
        let times = FrameTimes(seconds: positions.map { Double($0) / rate }, tolerance: 0.5 / rate)
        return try pictures(at: times) { (image) throws(MediaError) in image }.pictures
    }

    /// What a search for frames has found.
    struct Found<Picture> {
        /// As many as were asked for: where the stream ends before, the last repeats.
        var pictures: [Picture]
        /// The frames found that the decoder had to make up in part.
        var damagedCount = 0
        /// What ended the stream before the last time asked for, or made it unreadable.
        var earlyEnd: EarlyEnd?
    }

    /// Where a stream ends before it should.
    struct EarlyEnd {
        /// When the last readable frame goes off display.
        var seconds: Double
        /// The decoder's reason; `nil` where the stream just ends.
        var reason: String?
    }

    /// The frames on display at the given times, converted as soon as they are decoded.
    ///
    /// An error after the first frame ends the stream: nothing that follows can be trusted.
    ///
    /// - Parameter convert: What is kept of a frame, which may be much less than the frame.
    /// - Throws: `corruptMedia` when not one frame can be decoded; `tooLarge`, `outOfMemory`; what `convert` throws.
    func pictures<Picture>(
        at times: FrameTimes, _ convert: (Image) throws(MediaError) -> Picture
    ) throws(MediaError) -> Found<Picture> {
        precondition(
            zip(times.seconds, times.seconds.dropFirst()).allSatisfy { $0 <= $1 }, "times must ascend")
        var found = Found<Picture>(pictures: [])
        guard let first = times.seconds.first, let last = times.seconds.last else { return found }
        var onDisplay = try start(near: first)
        var longestGap = 0.0
        while let (frame, time) = onDisplay {
            var failure: MediaError?
            let following = try nextTimed(orAtError: &failure)
            let end = following?.time ?? .infinity
            longestGap = max(longestGap, following.map { $0.time - time } ?? frame.facts.duration_seconds)
            if following == nil {
                let seconds = time + longestGap
                let isEarly = last > seconds + max(times.tolerance, 0.01 * last)
                if isEarly || failure != nil { found.earlyEnd = EarlyEnd(seconds: seconds, reason: failure?.message) }
            }
            // Converted only when it is wanted, and once for all times that it fills.
            if times.seconds[found.pictures.count] + times.tolerance < end {
                let picture = try convert(try frame.image(path: path))
                if frame.facts.is_damaged != 0 { found.damagedCount += 1 }
                while found.pictures.count < times.seconds.count,
                    times.seconds[found.pictures.count] + times.tolerance < end
                {
                    found.pictures.append(picture)
                }
            }
            if found.pictures.count == times.seconds.count { return found }
            onDisplay = following
        }
        throw .emptyVideo(path)
    }

    /// What the container tells of the course of time; where that is not enough, the frames are decoded and counted.
    func timeline() throws(MediaError) -> VideoTimeline {
        let count = if let known = frameCount { known } else { try decodeAll().count }
        return timeline(frameCount: count)
    }

    /// - Parameter count: Of all frames, where the container does not tell.
    func timeline(frameCount count: Int) -> VideoTimeline {
        VideoTimeline(
            frameCount: frameCount ?? count, framesPerSecond: framesPerSecond, averageRate: averageRate,
            durationSeconds: durationSeconds)
    }

    /// Decodes all frames.
    ///
    /// - Returns: Their number, the seconds until the last goes off display, those that the decoder had to make up in
    ///   part, and what ended the stream if not its end.
    /// - Throws: `corruptMedia` when not one frame can be decoded.
    func decodeAll() throws(MediaError) -> (count: Int, seconds: Double, damagedCount: Int, failure: MediaError?) {
        if hasMoved { try seek(toSeconds: 0) }
        var (count, damagedCount) = (0, 0)
        var (last, longestGap) = (0.0, 0.0)
        var failure: MediaError?
        guard let first = try nextTimed() else { throw .emptyVideo(path) }
        var next: (frame: NativeFrame, time: Double)? = first
        while let (frame, time) = next {
            longestGap = max(longestGap, time - last, frame.facts.duration_seconds)
            last = time
            count += 1
            if frame.facts.is_damaged != 0 { damagedCount += 1 }
            next = try nextTimed(orAtError: &failure)
        }
        return (count, last + longestGap, damagedCount, failure)
    }

    private func nextTimed() throws(MediaError) -> (frame: NativeFrame, time: Double)? {
        guard let frame = try nextDecoded() else { return nil }
        let seconds = frame.facts.seconds
        return (frame, seconds >= 0 ? seconds : Double(position - 1) / (framesPerSecond ?? 1))
    }

    /// `nil` also at damage, which then is in `failure`.
    private func nextTimed(orAtError failure: inout MediaError?) throws(MediaError) -> (
        frame: NativeFrame, time: Double
    )? {
        do throws(MediaError) {
            return try nextTimed()
        } catch {
            guard error.code == .corruptMedia else { throw error }
            failure = error
            return nil
        }
    }

    /// Goes to a key frame at or before a time and returns the frame there.
    private func start(near seconds: Double) throws(MediaError) -> (frame: NativeFrame, time: Double)? {
        // Seeking pays only when it passes over many frames.
        if seconds * (framesPerSecond ?? 0) > 48 {
            do throws(MediaError) {
                try seek(toSeconds: seconds)
                if let (frame, time) = try nextTimed(), frame.facts.seconds >= 0, time <= seconds {
                    return (frame, time)
                }
            } catch {
                // A container without an index cannot seek, and one that is damaged may be whole up to there.
                guard error.code == .unsupportedMedia || error.code == .corruptMedia else { throw error }
            }
        }
        if hasMoved { try seek(toSeconds: 0) }
        return try nextTimed()
    }
}
