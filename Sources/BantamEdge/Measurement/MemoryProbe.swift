public import BantamGraph

/// Measures the memory of a model in this process: the child's half of ``MemoryMeasurement``.
public enum MemoryProbe {
    /// Loads and runs a model file, watching this process's memory.
    ///
    /// Call it in a fresh process that has done nothing else.
    ///
    /// - Parameters:
    ///   - shapes: The shapes of the inputs whose dimensions the file leaves free, by name. A free first dimension
    ///     that is not given is one.
    ///   - runs: The second run can still allocate; the third no longer does.
    /// - Throws: What ``InferenceSession`` throws; `measurementFailed` where `/proc` is not mounted.
    public static func measure(
        path: String, shapes: [String: Shape] = [:], options: SessionOptions = SessionOptions(), runs: Int = 3
    ) throws(EdgeError) -> MemoryMeasurement {
        // Fixed shapes, so that the session does not keep the file's model beside the compiled one.
        var options = options
        options.inputShapes.merge(shapes) { _, given in given }
        options.batchSize = options.batchSize ?? 1
        let warm = try loadRuntime(options)
        defer { withExtendedLifetime(warm) {} }

        // Where the peak cannot be cleared it is that of the whole process, whose beginning takes little.
        _ = ProcessMemory.clearPeak()
        let baseline = try ProcessMemory.resident()

        let session = try InferenceSession(contentsOf: path, options: options)
        let inputs = try session.exampleInputs()
        let afterLoad = try ProcessMemory.resident()
        let loadPeak = try ProcessMemory.peak()

        _ = ProcessMemory.clearPeak()
        for _ in 0..<max(runs, 1) { _ = try session.run(inputs) }
        let runningPeak = try ProcessMemory.peak()

        return MemoryMeasurement(
            baseline: baseline, afterLoad: afterLoad, peak: max(loadPeak, runningPeak), runningPeak: runningPeak)
    }

    /// Loads the runtime, its ONNX reader and its device, by running a small model.
    ///
    /// - Returns: Its session, to be kept while the model is measured: what OpenVINO holds for as long as any model
    ///   is compiled belongs to the baseline. Without this every model would pay 5 MiB for that, and 10 MiB for the
    ///   touched pages of 90 MB of libraries, whatever its own size.
    private static func loadRuntime(_ options: SessionOptions) throws(EdgeError) -> InferenceSession {
        var options = options
        options.inputShapes = [:]
        let session = try InferenceSession(bytes: WarmUpModel.bytes, name: "(built-in model)", options: options)
        _ = try session.run(try session.exampleInputs())
        return session
    }
}
