import ArgumentParser
import BantamEdge
import BantamGraph

struct Bench: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a model file's latency, throughput and memory.",
        discussion:
            "With --against a second file runs in turns with the first, and the ratio is the median of the pairs.")

    @Argument(help: "An ONNX file.", completion: .model)
    var model: String

    @Option(help: "Another ONNX file to compare with.", completion: .model)
    var against: String?

    @Option(parsing: .unconditional, help: "Samples in a batch.")
    var batch = 1

    @Option(parsing: .unconditional, help: "Seconds to measure for.")
    var seconds = 2.0

    @Option(help: "float32 or bfloat16.")
    var precision = SessionOptions.Precision.float32

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var model: String
        var batch: Int
        var latency: LatencyMeasurement
        var throughput: ThroughputMeasurement
        var peakMemoryBytes: ByteCount
        /// How many times faster than the other file this one is.
        var speedup: Double?
        var against: String?
    }

    func validate() throws {
        guard batch > 0 else { throw ValidationError("--batch must be at least 1.") }
        guard seconds > 0, seconds <= 3600 else {
            throw ValidationError("--seconds must be more than 0 and at most 3600.")
        }
    }

    func execute(console: Console) throws -> Output {
        for path in [model] + (against.map { [$0] } ?? []) { try requireMemory(for: path) }
        let options = SessionOptions(threads: common.threads == 0 ? nil : common.threads, precision: precision)
        let session = try InferenceSession(contentsOf: model, options: options)
        let inputs = try session.exampleInputs(batchSize: batch)
        let length = MeasurementLength.duration(.seconds(seconds))
        let latency = try LatencyMeasurement.measure(session, inputs: inputs, length: length)
        var streaming = options
        streaming.goal = .throughput
        let throughput = try ThroughputMeasurement.measure(
            try InferenceSession(contentsOf: model, options: streaming), inputs: inputs, length: length)
        let memory = try ModelMeasurement(threads: common.threads, console: console).memory(of: model)
        var output = Output(
            model: model, batch: batch, latency: latency, throughput: throughput,
            peakMemoryBytes: memory.inferencePeak)
        if let against {
            let other = try InferenceSession(contentsOf: against, options: options)
            output.against = against
            output.speedup = try LatencyComparison.measure(other, session, inputs: inputs).speedup
        }
        return output
    }

    /// Refuses a batch that this machine has no memory for; OpenVINO would be killed in the middle of it.
    private func requireMemory(for path: String) throws {
        let graph = try ModelSource(path).graph
        let needed: ByteCount
        do throws(GraphError) {
            let types = try ShapeInference(of: graph, sizes: graph.sizes(batch: batch))
            needed = Liveness(of: graph, types: types).peak
        } catch {
            throw error.located(inFile: path)
        }
        guard needed <= Processor.memory else {
            throw CommandError.tooLittleMemory(path, batch: batch, needed: needed, available: Processor.memory)
        }
    }

    func text(of output: Output) -> String {
        var lines = [
            "\(output.model), batch \(output.batch):",
            "  latency      \(output.latency.median.milliseconds) ms median, \(output.latency.p95.milliseconds) ms p95",
            "  throughput   \(Int(output.throughput.imagesPerSecond)) images/s with \(output.throughput.requests) requests",
            "  peak memory  \(output.peakMemoryBytes)",
        ]
        if let speedup = output.speedup, let against = output.against {
            lines.append("  \(speedup.rounded(places: 2)) times as fast as \(against)")
        }
        return lines.joined(separator: "\n")
    }
}

extension Duration {
    fileprivate var milliseconds: Double { (seconds * 1000).rounded(places: 4) }
}
