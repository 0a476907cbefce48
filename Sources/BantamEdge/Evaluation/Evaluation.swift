public import BantamGraph
public import BantamModel

/// Accuracy of an exported model file.
public enum Evaluation {
    /// Images `[N, C, H, W]` or clips `[N, C, T, H, W]`, with N labels.
    public typealias Batch = (images: TensorData, labels: [Int64])

    /// Runs a classifier over batches and compares its answers with the labels.
    ///
    /// The model has one input, and its first output is one score per class: `[N, classes]`, or with further
    /// dimensions of one. A model of bytes is given the images rounded to them. A model with a fixed batch is given the
    /// images in pieces of that size, the last one filled up with zeros, whose answers are not counted.
    ///
    /// - Parameters:
    ///   - onBatch: Told the number of samples done after each batch.
    ///   - nextBatch: `nil` ends the evaluation. Its errors are passed on.
    /// - Throws: `EdgeError`: `invalidLabels` for labels outside the model's classes, an output that is not a
    ///   classifier's, or no samples at all; and what ``InferenceSession/run(_:)-([TensorData])`` throws.
    public static func classify(
        _ session: InferenceSession, task: TaskDescription? = nil, onBatch: (Int) -> Void = { _ in },
        nextBatch: () throws -> Batch?
    ) throws -> ClassificationResult {
        var counts: ClassificationCounts?
        var samples = 0
        while let batch = try nextBatch() {
            try count(batch, session: session, task, into: &counts)
            samples += batch.labels.count
            onBatch(samples)
        }
        guard samples > 0, let counts else { throw EdgeError.noSamples() }
        return counts.result
    }

    /// The same, over batches that are at hand.
    public static func classify(
        _ session: InferenceSession, task: TaskDescription? = nil, batches: some Sequence<Batch>
    ) throws -> ClassificationResult {
        var iterator = batches.makeIterator()
        return try classify(session, task: task, nextBatch: { iterator.next() })
    }

    /// Hands on the scores of all samples, batch by batch; of a model whose task is unspecified all numbers of its outputs.
    ///
    /// - Parameters:
    ///   - onBatch: Told the number of samples done after each batch.
    ///   - nextImages: `nil` ends the run. Its errors are passed on.
    ///   - onScores: Given the scores of a batch, one row after the other, and the number of classes, or of numbers.
    /// - Throws: as ``classify(_:task:onBatch:nextBatch:)`` does.
    public static func scores(
        _ session: InferenceSession, task: TaskDescription? = nil, onBatch: (Int) -> Void = { _ in },
        nextImages: () throws -> TensorData?, onScores: (_ scores: [Float], _ classes: Int) throws -> Void
    ) throws {
        var samples = 0
        while let images = try nextImages() {
            let rows = try scores(of: images, session: session, task)
            try onScores(rows.scores, rows.classes)
            samples += rows.scores.count / rows.classes
            onBatch(samples)
        }
        guard samples > 0 else { throw EdgeError.noSamples() }
    }

    private static func count(
        _ batch: Batch, session: InferenceSession, _ task: TaskDescription?, into counts: inout ClassificationCounts?
    ) throws(EdgeError) {
        guard batch.images.shape.dimensions.first == batch.labels.count else {
            throw .labelCount(batch.labels.count, images: batch.images.shape)
        }
        let (scores, classes) = try scores(of: batch.images, session: session, task)
        var tally = counts ?? ClassificationCounts(classes: classes)
        // Moved out and back, so that the counts are changed in place.
        counts = nil
        for (row, label) in batch.labels.enumerated() {
            guard (0..<Int64(classes)).contains(label) else {
                throw .labelOutOfRange(label, classes: classes, path: session.path)
            }
            tally.count(scores: scores[row * classes..<(row + 1) * classes], label: Int(label))
        }
        counts = tally
    }

    /// Runs images through a model, in pieces of the size that it insists on, if it does.
    ///
    /// A model of bytes is given the images rounded to them; the last piece is filled up with zeros.
    ///
    /// - Parameter onOutputs: Given all outputs of a piece, the number of samples in it and how many of them are images.
    package static func run(
        _ images: TensorData, session: InferenceSession,
        onOutputs: (_ outputs: [TensorData], _ piece: Int, _ count: Int) throws(EdgeError) -> Void
    ) throws(EdgeError) {
        let images = images.fitting(session.inputs.first?.dtype ?? images.dtype)
        let count = images.shape.dimensions.first ?? 0
        let piece = session.inputs.first?.dimensions?.first.flatMap { $0 } ?? count
        for start in stride(from: 0, to: count, by: max(piece, 1)) {
            let part = count == piece ? images : images.rows(from: start, count: piece)
            try onOutputs(try session.run([part]), piece, min(piece, count - start))
        }
    }

    /// The scores of each image, one row after the other.
    private static func scores(
        of images: TensorData, session: InferenceSession, _ task: TaskDescription?
    ) throws(EdgeError) -> (scores: [Float], classes: Int) {
        var scores: [Float] = []
        var classes = 0
        try run(images, session: session) { (outputs, piece, count) throws(EdgeError) in
            let (numbers, width) =
                task == .unspecified
                ? try Self.numbers(in: outputs, batchSize: piece, session: session)
                : try Self.scores(in: outputs, batchSize: piece, session: session, task)
            classes = width
            scores += numbers.prefix(count * width)
        }
        return (scores, classes)
    }

    /// All floating-point outputs of each sample, one behind the other.
    private static func numbers(
        in outputs: [TensorData], batchSize: Int, session: InferenceSession
    ) throws(EdgeError) -> (numbers: [Float], width: Int) {
        var parts: [(numbers: [Float], width: Int)] = []
        for (port, output) in zip(session.outputs, outputs) {
            guard let numbers = output.floats else { continue }
            guard output.shape.dimensions.first == batchSize else {
                throw .unsupportedModel(session.path, reason: "its output \(port.name) has no entry for each sample")
            }
            parts.append((numbers, numbers.count / max(batchSize, 1)))
        }
        let width = parts.reduce(0) { $0 + $1.width }
        guard width > 0 else {
            throw .unsupportedModel(session.path, reason: "it has no floating-point output to compare")
        }
        let rows = (0..<batchSize).flatMap { row in
            parts.flatMap { $0.numbers[row * $0.width..<(row + 1) * $0.width] }
        }
        return (rows, width)
    }

    private static func scores(
        in outputs: [TensorData], batchSize: Int, session: InferenceSession, _ task: TaskDescription?
    ) throws(EdgeError) -> (numbers: [Float], classes: Int) {
        guard let output = outputs.first, let port = session.outputs.first else {
            throw .unsupportedModel(session.path, reason: "it has no outputs")
        }
        // [N, classes], [N, classes, 1, 1], ...
        let dimensions = output.shape.dimensions
        if let task, case .binary = task, output.elementCount == batchSize, let scores = output.floats {
            return (scores.flatMap { task.scores(of: CollectionOfOne($0)) }, 2)
        }
        guard dimensions.count >= 2, dimensions[0] == batchSize, dimensions[1] > 0,
            dimensions[2...].allSatisfy({ $0 == 1 }), let scores = output.floats
        else { throw .noClassifier(output: port.name, type: output.type, batch: batchSize, path: session.path) }
        return (scores, dimensions[1])
    }
}

extension TensorData {
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
