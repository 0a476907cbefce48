import BantamEdge
import BantamGraph
import BantamMedia
import BantamModel
import BantamONNX
import BantamPipeline
import BantamReport
import BantamStage
import BantamTraining

/// Takes the figures of an exported file, all from the file itself.
struct ModelMeasurement {
    var threads: Int
    var console: Console

    private var options: SessionOptions {
        SessionOptions(threads: threads == 0 ? nil : threads)
    }

    /// For one sample at a time, as on the device.
    private var singleSampleOptions: SessionOptions {
        var options = options
        options.batchSize = 1
        return options
    }

    private func singleSampleSession(_ path: String) throws(EdgeError) -> InferenceSession {
        try InferenceSession(contentsOf: path, options: singleSampleOptions)
    }

    /// What the file's first output means.
    private func task(of path: String, on data: TrainingData) throws -> TaskDescription {
        try TaskDescription(
            of: try ONNXFile.read(path).graph, knownClasses: data.isLabelled ? data.dataset.classNames.count : nil)
    }

    /// Accuracy on test data, latency, memory and sizes.
    func metrics(of path: String, on data: TrainingData) throws -> ModelMetrics {
        let file = try ONNXFile.read(path)
        let cost = try CostAnalysis(of: file.graph).total
        let accuracy = try accuracy(of: path, on: data)
        let latency = try latency(of: path)
        return ModelMetrics(
            parameters: cost.parameters, nonzeroParameters: file.graph.nonzeroParameterCount, macs: cost.macs,
            fileBytes: file.header.fileBytes, peakActivationBytes: try Liveness(of: file.graph).peak,
            peakMemoryBytes: try memory(of: path).inferencePeak, latencyMedian: latency.median.seconds,
            latencyP95: latency.p95.seconds, imagesPerSecond: latency.imagesPerSecond, top1: accuracy.top1,
            samples: accuracy.samples)
    }

    /// Runs every sample through the file, one at a time as on the device: what a model with dynamic quantization says
    /// of a sample depends on the others in its batch.
    func accuracy(of path: String, on data: TrainingData) throws -> ClassificationResult {
        let session = try singleSampleSession(path)
        let progress = Progress("evaluating \(path)", on: console)
        let loader = try data.batches(size: 100).loader
        let batches = loader.batches(epoch: 0)
        return try Evaluation.classify(
            session, task: try task(of: path, on: data), onBatch: { progress.update(Double($0) / Double(data.count)) },
            nextBatch: { try batches.next().map { ($0.inputs, $0.labels.elements(of: Int64.self)) } })
    }

    /// Writes the scores of every sample, one at a time as on the device, to a file of their own.
    ///
    /// - Returns: The number of classes.
    func writeScores(of path: String, on data: TrainingData, to output: String, title: String) throws -> Int {
        let session = try singleSampleSession(path)
        let progress = Progress(title, on: console)
        let batches = try data.batches(size: 100).loader.batches(epoch: 0)
        return try ScoreFile.write(to: output, model: path) { append in
            try Evaluation.scores(
                session, task: try task(of: path, on: data),
                onBatch: { progress.update(Double($0) / Double(data.count)) },
                nextImages: { try batches.next()?.inputs }, onScores: append)
        }
    }

    /// Times single samples.
    func latency(of path: String, batch: Int = 1, seconds: Double = 0.7) throws -> LatencyMeasurement {
        let session = try InferenceSession(contentsOf: path, options: options)
        return try LatencyMeasurement.measure(
            session, inputs: try session.exampleInputs(batchSize: batch), warmUp: 20,
            length: .duration(.seconds(seconds)))
    }

    /// Times several files in turns, so that a machine that slows down slows them all.
    ///
    /// - Returns: For each file the medians of its turns.
    func latencies(of paths: [String], turns: Int = 7) throws -> [LatencyMeasurement] {
        let sessions = try paths.map { try InferenceSession(contentsOf: $0, options: options) }
        let progress = Progress("timing \(paths.count) models in turns", on: console)
        var measured = [[LatencyMeasurement]](repeating: [], count: paths.count)
        for turn in 0..<turns {
            for (index, session) in sessions.enumerated() {
                measured[index].append(
                    try LatencyMeasurement.measure(session, warmUp: 20, length: .duration(.milliseconds(100))))
            }
            progress.update(Double(turn + 1) / Double(turns))
        }
        return measured.map { turns in
            var middle = turns[0]
            middle.median = turns.map(\.median).sorted()[turns.count / 2]
            middle.p95 = turns.map(\.p95).sorted()[turns.count / 2]
            middle.imagesPerSecond = turns.map(\.imagesPerSecond).sorted()[turns.count / 2]
            return middle
        }
    }

    /// Runs the file in a process of its own.
    ///
    /// - Parameter input: The input whose sizes the file leaves free, with those to take; `nil` where it leaves none.
    func memory(of path: String, input: (name: String, shape: Shape)? = nil) throws -> MemoryMeasurement {
        var arguments = ["probe-memory", path, "--threads", "\(threads)"]
        if let input {
            arguments += ["--input-name", input.name, "--input-shape", input.shape.description(from: 1)]
        }
        return try MemoryMeasurement.inChildProcess(executable: "/proc/self/exe", arguments: arguments)
    }
}

// MARK: Targets and limits

extension ModelMeasurement {
    /// Measures graphs by the files that they would become.
    ///
    /// - Parameters:
    ///   - output: The file to be written; its name says whether it is compressed.
    ///   - original: The model that others come from.
    ///   - originalBytes: What its file takes.
    ///   - finished: A graph as it will be written, with all else that the file will hold.
    func meter(
        output: String, original: Graph, originalBytes: ByteCount, finished: @escaping (Graph) throws -> Graph
    ) -> FileMeter {
        FileMeter(original: original, originalBytes: originalBytes, options: options) { graph in
            let suffix = output.hasSuffix(Gzip.suffix) ? Gzip.suffix : ""
            return try OutputFolder.temporary { folder in
                try ONNXFile.write(try finished(graph), to: "\(folder)/model.onnx\(suffix)").fileBytes
            }
        }
    }

    /// Whether a file is faster than the one it was made from; `nil`, with a note, where it cannot be run here.
    func speedCheck(of path: String, against original: String) -> SpeedCheck? {
        do throws(EdgeError) {
            return try SpeedCheck(path, against: original, options: options)
        } catch {
            console.note("its speed could not be measured: \(error.message)")
            return nil
        }
    }
}
