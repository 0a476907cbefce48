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

    private func firstAnswers(of path: String, on data: TrainingData) throws -> (answers: [Int?], classes: Int) {
        let session = try singleSampleSession(path)
        let progress = Progress("asking \(path)", on: console)
        let batches = try data.batches(size: 100).loader.batches(epoch: 0)
        return try Evaluation.firstAnswers(
            session, task: try task(of: path, on: data), onBatch: { progress.update(Double($0) / Double(data.count)) },
            nextImages: { try batches.next()?.inputs })
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
    /// Measures a graph by the file it would become, in a folder of its own that is removed afterwards.
    ///
    /// - Parameters:
    ///   - output: The file to be written; its name says whether it is compressed.
    ///   - original: The model that others come from.
    ///   - originalBytes: What its file takes.
    ///   - finished: A graph as it will be written, with all else that the file will hold.
    func meter(
        output: String, original: Graph, originalBytes: ByteCount, finished: @escaping (Graph) throws -> Graph
    ) -> ModelMeter {
        let timing = ReferenceTiming {
            try exported(original) { try InferenceSession(contentsOf: $0, options: options) }
        }
        return ModelMeter(
            fileSize: { graph in
                // A share of the file is one of what it takes as it is, without what this run will add.
                guard graph != original else { return originalBytes }
                let suffix = output.hasSuffix(Gzip.suffix) ? Gzip.suffix : ""
                return try written(finished(graph), suffix) { try ONNXFile.read($0).header.fileBytes }
            },
            latency: { graph in
                guard graph != original else { return try timing.measured().latency }
                return try timing.latency(
                    of: try exported(graph) { try InferenceSession(contentsOf: $0, options: options) })
            },
            speedup: { original in
                let original = try exported(original) { session(of: $0) }
                return { pruned in
                    let pruned = try exported(pruned) { session(of: $0) }
                    guard let original, let pruned else { return nil }
                    return speedup(of: pruned, over: original)
                }
            },
            answers: { graph, samples in
                try exported(graph) { try firstAnswers(of: $0, on: samples).answers }
            },
            activations: { graph, observations, samples, show in
                let observation = try ActivationObservation(of: graph, observations)
                try written(observation.graph) { path in
                    // The runtime has its own copy, and the weights are not needed until the plan is made.
                    for constant in graph.constants.values { constant.dropPages() }
                    try observe(observation, in: path, on: samples, show)
                }
            })
    }

    /// `nil` where the runtime here does not take the file.
    private func session(of path: String) -> InferenceSession? {
        try? InferenceSession(contentsOf: path, options: options)
    }

    /// Runs samples one at a time, so that memory does not grow with a batch.
    ///
    /// Bounds and means are as good in bfloat16, which is several times as fast where the processor has it: they are off
    /// by less than a step of INT8. A histogram of numbers of eight bits would have gaps.
    private func observe(
        _ observation: ActivationObservation, in path: String, on data: TrainingData,
        _ show: (Int, TensorData, Int) throws -> Void
    ) throws {
        try EdgeRuntime.returnLargeBlocks()
        var options = singleSampleOptions
        options.goal = .throughput
        if Processor.multipliesBFloat16, !observation.showsElements { options.precision = .bfloat16 }
        let session = try InferenceSession(contentsOf: path, options: options)
        let progress = Progress("measuring activations", on: console)
        let batches = try data.batches(size: 1).loader.batches(epoch: 0)
        var done = 0
        try session.run({ try batches.next().map { [$0.inputs] } }) { inputs, outputs in
            try observation.show(input: inputs[0], outputs: outputs) { try show($0, $1, 1) }
            done += 1
            progress.update(Double(done) / Double(data.count))
        }
    }

    /// How many times as fast a model is as another; `nil` where the times are too short to tell, or not to be had.
    private func speedup(of pruned: InferenceSession, over original: InferenceSession) -> Double? {
        let progress = Progress("timing it against the unpruned model", on: console)
        guard let comparison = try? SpeedCheck.comparison(pruned, against: original),
            !SpeedCheck.isTooShortToTell(comparison)
        else { return nil }
        progress.finish("\(comparison.speedup.rounded(places: 2)) times as fast")
        return comparison.speedup
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

    /// Writes a graph as the runtime would make it, so that it is soon read.
    private func exported<Result>(_ graph: Graph, _ body: (String) throws -> Result) throws -> Result {
        var deployed = graph
        try Passes.inference.run(on: &deployed)
        return try written(deployed, body: body)
    }

    /// Writes a graph as it is, in a folder of its own that is removed afterwards.
    private func written<Result>(
        _ graph: Graph, _ suffix: String = "", body: (String) throws -> Result
    ) throws -> Result {
        try OutputFolder.temporary { folder in
            let path = "\(folder)/model.onnx\(suffix)"
            try ONNXFile.write(graph, to: path)
            return try body(path)
        }
    }
}

/// Times models beside one that stays the same, so that none is called slow because the machine was.
private final class ReferenceTiming {
    private let makeReference: () throws -> InferenceSession
    private var reference: (session: InferenceSession, latency: Duration)?

    /// - Parameter makeReference: Called when a time is first asked for.
    init(_ makeReference: @escaping () throws -> InferenceSession) {
        self.makeReference = makeReference
    }

    /// The time of one sample: the reference's, as it was once measured, by how many times faster the session is now.
    func latency(of session: InferenceSession) throws -> Duration {
        let reference = try measured()
        // Many short turns: one in which the machine was busy elsewhere does not count then.
        let comparison = try LatencyComparison.measure(
            reference.session, session, pairs: 15, turn: .milliseconds(15))
        return reference.latency / comparison.speedup
    }

    func measured() throws -> (session: InferenceSession, latency: Duration) {
        if let reference { return reference }
        let session = try makeReference()
        let measurement = try LatencyMeasurement.measure(session, warmUp: 20, length: .duration(.milliseconds(700)))
        reference = (session, measurement.median)
        return (session, measurement.median)
    }
}
