public import BantamGraph

/// Accuracy of an exported model file.
public enum Evaluation {
    /// Images `[N, C, H, W]` or clips `[N, C, T, H, W]`, with N labels.
    public typealias Batch = (images: TensorData, labels: [Int64])

    /// Runs a classifier over batches and compares its answers with the labels.
    ///
    /// The model has one input, and its first output is one score per class: `[N, classes]`, or with further
    /// dimensions of one. A model with a fixed batch is given the images in pieces of that size, the last one filled
    /// up with zeros, whose answers are not counted.
    ///
    /// - Parameters:
    ///   - onBatch: Told the number of samples done after each batch.
    ///   - nextBatch: `nil` ends the evaluation. Its errors are passed on.
    /// - Throws: `EdgeError`: `invalidLabels` for labels outside the model's classes, an output that is not a
    ///   classifier's, or no samples at all; and what ``InferenceSession/run(_:)-([TensorData])`` throws.
    public static func classify(
        _ session: InferenceSession, onBatch: (Int) -> Void = { _ in }, nextBatch: () throws -> Batch?
    ) throws -> ClassificationResult {
        var counts: ClassificationCounts?
        var samples = 0
        while let batch = try nextBatch() {
            try count(batch, session: session, into: &counts)
            samples += batch.labels.count
            onBatch(samples)
        }
        guard samples > 0, let counts else { throw EdgeError.noSamples() }
        return counts.result
    }

    /// The same, over batches that are at hand.
    public static func classify(
        _ session: InferenceSession, batches: some Sequence<Batch>
    ) throws -> ClassificationResult {
        var iterator = batches.makeIterator()
        return try classify(session, nextBatch: { iterator.next() })
    }

    private static func count(
        _ batch: Batch, session: InferenceSession, into counts: inout ClassificationCounts?
    ) throws(EdgeError) {
        guard let images = batch.images.shape.dimensions.first, images == batch.labels.count else {
            throw .labelCount(batch.labels.count, images: batch.images.shape)
        }
        let piece = session.inputs.first?.dimensions?.first.flatMap { $0 } ?? images
        var start = 0
        while start < images {
            let labels = batch.labels[start..<min(start + piece, images)]
            let part = images == piece ? batch.images : batch.images.rows(from: start, count: piece)
            let outputs = try session.run([part])
            try count(outputs, batchSize: piece, labels: labels, session: session, into: &counts)
            start += piece
        }
    }

    private static func count(
        _ outputs: [TensorData], batchSize: Int, labels: ArraySlice<Int64>, session: InferenceSession,
        into counts: inout ClassificationCounts?
    ) throws(EdgeError) {
        guard let output = outputs.first, let port = session.outputs.first else {
            throw .unsupportedModel(session.path, reason: "it has no outputs")
        }
        // [N, classes], [N, classes, 1, 1], ...
        let dimensions = output.shape.dimensions
        guard dimensions.count >= 2, dimensions[0] == batchSize, dimensions[1] > 0,
            dimensions[2...].allSatisfy({ $0 == 1 }), let scores = output.floats
        else { throw .noClassifier(output: port.name, type: output.type, batch: batchSize, path: session.path) }

        let classes = dimensions[1]
        var tally = counts ?? ClassificationCounts(classes: classes)
        // Moved out and back, so that the counts are changed in place.
        counts = nil
        for (row, label) in labels.enumerated() {
            guard (0..<Int64(classes)).contains(label) else {
                throw .labelOutOfRange(label, classes: classes, path: session.path)
            }
            tally.count(scores: scores[row * classes..<(row + 1) * classes], label: Int(label))
        }
        counts = tally
    }
}

extension TensorData {
    /// The elements as `Float`; `nil` unless they are floating-point numbers.
    fileprivate var floats: [Float]? {
        switch dtype {
        case .float32: elements(of: Float.self)
        case .float64: elements(of: Double.self).map { Float($0) }
        case .float16: sixteenBits.map { Float(Float16(bitPattern: $0)) }
        // A bfloat16 is the upper half of a float32.
        case .bfloat16: sixteenBits.map { Float(bitPattern: UInt32($0) << 16) }
        default: nil
        }
    }

    private var sixteenBits: [UInt16] {
        withUnsafeBytes { bytes in
            (0..<elementCount).map { bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self) }
        }
    }

    /// `count` entries of the first axis from `start` on, with zeros past the last one.
    fileprivate func rows(from start: Int, count: Int) -> TensorData {
        var dimensions = shape.dimensions
        let rowBytes = byteCount.bytes / dimensions[0]
        let available = min(dimensions[0] - start, count)
        dimensions[0] = count
        var result = TensorData(zeros: TensorType(dtype, Shape(dimensions)))
        withUnsafeBytes { source in
            result.withUnsafeMutableBytes { target in
                target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[start * rowBytes..<(start + available) * rowBytes]))
            }
        }
        return result
    }
}
