import BantamGraph
import BantamMedia
import Testing

/// Videos whose frames come unevenly, lie on their side, end early or are damaged in the middle.
@Suite struct UnevenVideoTests {
    /// Writes frames of brightness `10 * i`, each on display for `intervals[i]` tenths of a second.
    private static func write(_ intervals: [Int], to path: String) throws {
        let writer = try VideoWriter(path, extent: ImageExtent(width: 48, height: 32), framesPerSecond: 10)
        for (index, count) in intervals.enumerated() {
            let value = UInt8(10 * index)
            try writer.append(
                Image(width: 48, height: 32, filledWith: [value, value, value]), intervals: count)
        }
        try writer.finish()
    }

    /// Which frame each picture of a clip shows.
    private static func frames(
        _ path: String, _ clip: ClipSampling, brightness: Float = 10, notes: MediaNotes? = nil
    ) throws -> [Int] {
        let preprocessing = try Preprocessing(
            resize: .exact(width: 4, height: 4), colorOrder: .gray, scale: 1, clip: clip)
        let tensor = try preprocessing.apply(Sample(.video(path: path), label: 0, name: path), notes: notes)
        let values = tensor.elements(of: Float.self)
        // The lower right corner: fixtures have a mark elsewhere.
        return (0..<clip.frameCount).map { Int((values[16 * $0 + 15] / brightness).rounded()) }
    }

    /// The frame on display at each time, found by going through them.
    private static func expected(_ intervals: [Int], at tenths: [Double]) -> [Int] {
        tenths.map { time in
            var end = 0
            return intervals.firstIndex { interval in
                end += interval
                return time + 0.01 < Double(end)
            } ?? intervals.count - 1
        }
    }

    @Test(
        arguments: ["a.mp4", "a.mkv"],
        [
            [1, 1, 1, 1, 1, 1, 51, 51, 51, 51, 51, 1], [40, 1, 1, 1, 1, 40, 1, 1, 30], [1, 45, 45],
            [20, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        ])
    func `A clip of an uneven video is taken on a grid of seconds`(name: String, intervals: [Int]) throws {
        let folder = try TemporaryFolder()
        try Self.write(intervals, to: folder[name])
        let total = Double(intervals.reduce(0, +))
        for (count, step) in [(4, 5.0), (3, 20), (6, 2)] {
            let clip = ClipSampling(frameCount: count, framesPerSecond: 10 / step)
            let span = Double(count - 1) * step
            let times = (0..<count).map { max(0, total - span) / 2 + Double($0) * step }
            // Where a boundary falls on the very time, either side will do.
            let (early, late) = (
                Self.expected(intervals, at: times.map { $0 - 0.6 }),
                Self.expected(intervals, at: times.map { $0 + 0.6 })
            )
            let shown = try Self.frames(folder[name], clip)
            for index in 0..<count {
                #expect((early[index]...late[index]).contains(shown[index]), "\(shown) of \(early) to \(late)")
            }
        }
    }

    @Test func `The uneven video of a camera is shown as it ran`() throws {
        let path = Fixtures.path("videos/variable-rate.mp4")
        let video = try VideoFile(path)
        #expect(abs((video.durationSeconds ?? 0) - 25.7) < 0.01)
        // Frames at 0, 0.1, ... 0.6, 5.6, 10.6, 15.6, 20.6 and 25.6 s; the clip at 9.85, 11.85, 13.85 and 15.85 s.
        let notes = MediaNotes()
        let clip = ClipSampling(frameCount: 4, framesPerSecond: 0.5)
        #expect(try Self.frames(path, clip, brightness: 20, notes: notes) == [7, 8, 8, 9])
        // At the average rate, 12 frames in 25.7 s: 9.64, 11.78, 13.92 and 16.06 s.
        #expect(try Self.frames(path, ClipSampling(frameCount: 4), brightness: 20, notes: notes) == [7, 8, 8, 9])
        #expect(notes.all.isEmpty)
    }

    @Test(arguments: ["a.mp4", "a.avi", "a.mkv"])
    func `An even video is sampled by its frames as ever`(name: String) throws {
        let folder = try TemporaryFolder()
        try Self.write(Array(repeating: 1, count: 24), to: folder[name])
        #expect(try Self.frames(folder[name], ClipSampling(frameCount: 4, stride: 2)) == [8, 10, 12, 14])
        #expect(try Self.frames(folder[name], ClipSampling(frameCount: 3, framesPerSecond: 5)) == [9, 11, 13])
        #expect(try Self.frames(folder[name], ClipSampling(frameCount: 3, framesPerSecond: 20)) == [11, 11, 12])
    }

    // MARK: Orientation

    /// The matrix of an MP4 file's track, as nine numbers of which those that turn are given.
    private static func setMatrix(_ a: Int32, _ b: Int32, _ c: Int32, _ d: Int32, in bytes: inout [UInt8]) throws {
        let name = Array("tkhd".utf8)
        let place = try #require((0..<bytes.count - 4).first { Array(bytes[$0..<$0 + 4]) == name })
        for (index, value) in [(0, a), (1, b), (3, c), (4, d)] {
            let word = UInt32(bitPattern: value << 16)
            for byte in 0..<4 {
                bytes[place + 44 + 4 * index + byte] = UInt8(truncatingIfNeeded: word >> (24 - 8 * byte))
            }
        }
    }

    @Test(
        arguments: [
            ([1, 0, 0, 1], "red green / blue white"), ([0, 1, -1, 0], "blue red / white green"),
            ([-1, 0, 0, -1], "white blue / green red"), ([0, -1, 1, 0], "green white / red blue"),
            ([-1, 0, 0, 1], "green red / white blue"), ([1, 0, 0, -1], "blue white / red green"),
            ([0, 1, 1, 0], "red blue / green white"), ([0, -1, -1, 0], "white green / blue red"),
        ] as [([Int32], String)])
    func `A video is turned as its container says`(matrix: [Int32], corners: String) throws {
        let folder = try TemporaryFolder()
        var pixels: [UInt8] = []
        for y in 0..<32 {
            for x in 0..<64 {
                pixels += y < 16 ? x < 32 ? [200, 0, 0] : [0, 200, 0] : x < 32 ? [0, 0, 200] : [200, 200, 200]
            }
        }
        let writer = try VideoWriter(folder["a.mp4"], extent: ImageExtent(width: 64, height: 32), framesPerSecond: 10)
        for _ in 0..<4 { try writer.append(Image(width: 64, height: 32, channels: 3, pixels: pixels)) }
        try writer.finish()
        var bytes = try readBytes(folder["a.mp4"])
        try Self.setMatrix(matrix[0], matrix[1], matrix[2], matrix[3], in: &bytes)
        let video = try VideoFile(try folder.write(bytes, to: "b.mp4"))
        let image = try #require(try video.next()).image
        let extent = matrix[0] == 0 ? ImageExtent(width: 32, height: 64) : ImageExtent(width: 64, height: 32)
        #expect(video.extent == extent && image.extent == extent)
        let names = [
            (image.width / 4, image.height / 4), (3 * image.width / 4, image.height / 4),
            (image.width / 4, 3 * image.height / 4), (3 * image.width / 4, 3 * image.height / 4),
        ]
        .map { x, y in
            switch (0..<3).map({ image[x: x, y: y, channel: $0] > 100 }) {
            case [true, false, false]: "red"
            case [false, true, false]: "green"
            case [false, false, true]: "blue"
            default: "white"
            }
        }
        #expect("\(names[0]) \(names[1]) / \(names[2]) \(names[3])" == corners)
    }

    @Test func `The mark in the corner of a turned video is where a player shows it`() throws {
        let images = try VideoFile(Fixtures.path("videos/rotated.mp4")).frames(at: [10])
        let image = try #require(images.first)
        // Stored in the upper left, red; a quarter turn clockwise brings it to the right.
        let isRed = { (x: Int, y: Int) in
            image[x: x, y: y, channel: 0] > 100 && image[x: x, y: y, channel: 1] < 60
        }
        #expect(isRed(60, 4) && !isRed(4, 4) && !isRed(4, 60) && !isRed(60, 60))
    }

    // MARK: Early ends

    @Test func `A video that was cut off gives a clip of what is there, and a note with its name`() throws {
        let path = Fixtures.path("videos/cut-off.mkv")
        let notes = MediaNotes()
        // Twelve frames by its header, five in truth.
        #expect(try Self.frames(path, ClipSampling(frameCount: 3), brightness: 20, notes: notes) == [1, 2, 3])
        let note = try #require(notes.all.first)
        #expect(notes.all.count == 1 && note.file == path && note.kind == .endsEarly)
        #expect(note.message.contains("0.5 of 1.2 seconds"), "\(note.message)")
    }

    @Test(arguments: ["a.mkv", "a.avi"])
    func `Cut anywhere, a video gives frames and a note, or an error`(name: String) throws {
        let folder = try TemporaryFolder()
        try Self.write(Array(repeating: 1, count: 24), to: folder[name])
        let bytes = try readBytes(folder[name])
        var noted = 0
        for percent in stride(from: 30, through: 90, by: 10) {
            let path = try folder.write(Array(bytes.prefix(bytes.count * percent / 100)), to: "cut-\(name)")
            let notes = MediaNotes()
            var shown: [Int] = []
            let code = mediaErrorCode(naming: path) {
                shown = try Self.frames(path, ClipSampling(frameCount: 4, stride: 6), notes: notes)
            }
            guard code == nil else { continue }
            #expect(shown == shown.sorted() && (shown.last ?? 24) < 24)
            if (shown.last ?? 0) < 18 { #expect(notes.count(of: .endsEarly) == 1, "\(percent) %: \(shown)") }
            noted += notes.all.count
        }
        #expect(noted > 0)
    }

    @Test func `Half a file is told also by a clip that fits into it`() throws {
        let folder = try TemporaryFolder()
        // Pictures that take more room than the headers.
        let picture = patternImage(width: 128, height: 96)
        let writer = try VideoWriter(folder["a.avi"], extent: picture.extent, framesPerSecond: 10, codec: "ffv1")
        for _ in 0..<24 { try writer.append(picture) }
        try writer.finish()
        let bytes = try readBytes(folder["a.avi"])
        let path = try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "half.avi")
        for (file, count) in [(folder["a.avi"], 0), (path, 1)] {
            let notes = MediaNotes()
            _ = try Self.frames(file, ClipSampling(frameCount: 2, stride: 1), notes: notes)
            #expect(notes.count(of: .endsEarly) == count, "\(file): \(notes.summary)")
        }
    }

    @Test func `A loader tells its notes once, however often a file is read`() throws {
        let path = Fixtures.path("videos/cut-off.mkv")
        let data = SampleArray(
            (0..<3).map { _ in Sample(.video(path: path), label: 0, name: path) }, classNames: ["a"])
        let loader = try BatchLoader(
            data,
            preprocessing: try Preprocessing(
                resize: .exact(width: 4, height: 4), clip: ClipSampling(frameCount: 8)), batchSize: 2, workers: 2)
        #expect(loader.notes.summary.isEmpty)
        for epoch in 0..<2 {
            let batches = loader.batches(epoch: epoch)
            while try batches.next() != nil {}
        }
        #expect(loader.notes.count(of: .endsEarly) == 1)
        #expect(loader.notes.summary.count == 1 && loader.notes.summary[0].contains("cut-off.mkv"))
    }

    @Test func `Notes are told by kind with the first file and the number of others`() {
        let notes = MediaNotes()
        for file in ["c", "a", "b", "a"] {
            notes.add(MediaNote(file: file, kind: .endsEarly, message: "The video ends after \(file) seconds."))
        }
        notes.add(MediaNote(file: "z", kind: .damagedFrames, message: "The video is damaged."))
        #expect(
            notes.summary == ["a: The video ends after a seconds, and 2 more like it.", "z: The video is damaged."])
        #expect(notes.all.map(\.file) == ["z", "a", "b", "c"])
    }

    @Test func `Noise in the middle of a video ends it there, with a note`() throws {
        let folder = try TemporaryFolder()
        try Self.write(Array(repeating: 1, count: 24), to: folder["a.mkv"])
        var bytes = try readBytes(folder["a.mkv"])
        var random = SeededGenerator(seed: 3)
        for index in bytes.count / 2..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
        let path = try folder.write(bytes, to: "b.mkv")
        let notes = MediaNotes()
        _ = try Self.frames(path, ClipSampling(frameCount: 20), notes: notes)
        #expect(!notes.all.isEmpty && notes.all.allSatisfy { $0.file == path })
    }
}
