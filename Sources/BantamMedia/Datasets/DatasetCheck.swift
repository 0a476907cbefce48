public import BantamGraph
import Synchronization

/// What reading every sample of a data set has shown, before a long run depends on it.
///
/// ```swift
/// let check = try data.checked(threads: 4) { done, count in ... }
/// try check.requireSound()                   // lists all damaged files at once
/// let rest = data.withoutDamaged(check)      // or goes on without them
/// ```
public struct DatasetCheck: Sendable {
    /// A sample that cannot be used.
    public struct Finding: Sendable {
        /// Its place in the data set.
        public var index: Int
        public var file: String
        public var error: MediaError
    }

    /// The number of samples looked at.
    public var count: Int
    /// In the order of the data set.
    public var damaged: [Finding]
    /// Files that can be used in part: videos that end early.
    public var notes: [MediaNote]

    /// - Throws: `damagedFiles`, with every damaged file and its reason, if there is one.
    public func requireSound() throws(MediaError) {
        guard !damaged.isEmpty else { return }
        throw .damagedFiles(damaged.map { ($0.file, $0.error.message) }, of: count)
    }
}

extension Dataset {
    /// Decodes every sample: images and tensors whole, videos to their last frame.
    ///
    /// - Parameters:
    ///   - preprocessing: With it samples are also made into inputs, which finds those that are too small for the crop
    ///     or have other channels.
    ///   - threads: How many samples are decoded at the same time.
    ///   - limits: What a video may make us allocate.
    ///   - progress: Is told how many samples are done, of how many; by one thread at a time.
    /// - Throws: What is no fault of a file: `missingLibrary`, `outOfMemory`.
    /// - Complexity: O(bytes of all files).
    public func checked(
        preprocessing: Preprocessing? = nil, threads: Int = 1, limits: MediaLimits = .standard,
        progress: (@Sendable (_ done: Int, _ count: Int) -> Void)? = nil
    ) throws(MediaError) -> DatasetCheck {
        let notes = MediaNotes()
        let checker = SampleChecker(
            limits: limits, notes: notes,
            pipeline: preprocessing.map { ImagePipeline($0, limits: limits, notes: notes) })
        let state = Mutex((done: 0, damaged: [DatasetCheck.Finding](), fault: MediaError?.none))
        let count = count
        ParallelLoop.run(count: count, threads: threads) { index in
            guard state.withLock({ $0.fault == nil }) else { return }
            var failure: MediaError?
            do throws(MediaError) {
                try checker.check(try sample(at: index))
            } catch {
                failure = error
            }
            state.withLock { state in
                switch failure {
                case let error? where error.code.category != .badInput || error.code == .invalidPreprocessing:
                    state.fault = error
                case let error?:
                    state.damaged.append(DatasetCheck.Finding(index: index, file: name(at: index), error: error))
                case nil: break
                }
                state.done += 1
                progress?(state.done, count)
            }
        }
        let (damaged, fault) = state.withLock { ($0.damaged, $0.fault) }
        if let fault { throw fault }
        return DatasetCheck(count: count, damaged: damaged.sorted { $0.index < $1.index }, notes: notes.all)
    }

    /// The samples that a check has not found damaged; the others are counted in ``passedOver``.
    ///
    /// - Precondition: the check is of this data set.
    public func withoutDamaged(_ check: DatasetCheck) -> DatasetSubset {
        precondition(check.count == count, "a check of \(check.count) samples for a data set of \(count)")
        let damaged = Set(check.damaged.map(\.index))
        let leftOut = check.damaged.first.map {
            [PassedOver(.damaged, count: damaged.count, example: $0.file)]
        }
        return DatasetSubset(self, indices: (0..<count).filter { !damaged.contains($0) }, leftOut: leftOut ?? [])
    }
}

private struct SampleChecker: Sendable {
    let limits: MediaLimits
    let notes: MediaNotes
    let pipeline: ImagePipeline?

    func check(_ sample: Sample) throws(MediaError) {
        if case .video(let path) = sample.content {
            let video = try VideoFile(path, limits: limits)
            let found = try video.decodeAll()
            let told = video.timeline(frameCount: found.count).promisedSeconds ?? video.durationSeconds ?? 0
            let slack = max(1.5 / (video.framesPerSecond ?? 1), 0.01 * told)
            if found.failure != nil || found.seconds < told - slack {
                let end = VideoFile.EarlyEnd(seconds: found.seconds, reason: found.failure?.message)
                notes.add(.endsEarly(path, end, duration: told > 0 ? told : nil))
            }
            if found.damagedCount > 0 { notes.add(.damagedFrames(path, count: found.damagedCount)) }
        }
        if let pipeline {
            _ = try pipeline.located(sample) { () throws(MediaError) in
                try pipeline.tensor(of: try pipeline.frames(of: sample, start: 0.5))
            }
        }
    }
}
