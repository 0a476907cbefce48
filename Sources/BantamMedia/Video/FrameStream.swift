import CMedia

/// The native reader behind ``VideoFile`` and ``Camera``; closes it when it goes.
final class FrameStream {
    private let reader: OpaquePointer
    private let library: cmedia_api
    private let path: String

    init(_ reader: OpaquePointer, library: cmedia_api, path: String) {
        self.reader = reader
        self.library = library
        self.path = path
    }

    deinit { library.close(reader) }

    /// What the container tells of the stream.
    var facts: cmedia_stream_facts {
        var facts = cmedia_stream_facts()
        library.stream_facts(reader, &facts)
        return facts
    }

    /// Decodes the next frame; `nil` after the last.
    func next() throws(MediaError) -> NativeFrame? {
        var frame: OpaquePointer?
        guard try MediaLibrary.check(path, { library.next_frame(reader, &frame, $0) }), let frame else { return nil }
        return NativeFrame(frame, library: library)
    }

    func seek(toSeconds seconds: Double) throws(MediaError) {
        try MediaLibrary.check(path) { library.seek(reader, seconds, $0) }
    }
}
