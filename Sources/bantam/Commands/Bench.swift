import ArgumentParser
import BantamEdge
import BantamGraph
import BantamModel
import BantamReport

struct Bench: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a model file's latency, throughput and memory.",
        discussion: """
            With --against a second file is measured in the same way, and both run in turns: the ratio of their \
            latencies is the median over the pairs of turns, with its 95 % interval.
            """)

    @Argument(help: "An ONNX file.", completion: .model)
    var model: String

    @Option(help: "Another ONNX file to compare with.", completion: .model)
    var against: String?

    @Option(parsing: .unconditional, help: "Samples in a batch.")
    var batch = 1

    @Option(parsing: .unconditional, help: "Seconds to measure for.")
    var seconds = 2.0

    @Option(help: "float32 or bfloat16.")
    var precision = ArithmeticPrecision.float32

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var batch: Int
        /// What a sample is: images, clips, or samples for other inputs.
        var unit: String
        /// Of a clip.
        var frames: Int?
        var model: String
        var fileBytes: ByteCount
        var latency: LatencyMeasurement
        var throughput: ThroughputMeasurement
        var peakMemoryBytes: ByteCount
        var against: Figures?
        /// How many times as fast as the other file this one is.
        var speedup: Double?
        /// The ratio's 95 % interval; missing where the turns are too few.
        var speedupInterval: [Double]?
    }

    /// What is measured of a file.
    struct Figures: Encodable {
        var model: String
        var fileBytes: ByteCount
        var latency: LatencyMeasurement
        var throughput: ThroughputMeasurement
        var peakMemoryBytes: ByteCount
    }

    func validate() throws {
        guard batch > 0 else { throw ValidationError("--batch must be at least 1.") }
        guard seconds > 0, seconds <= 3600 else {
            throw ValidationError("--seconds must be more than 0 and at most 3600.")
        }
    }

    func execute(console: Console) throws -> Output {
        let source = try source(of: model)
        let other = try against.map { try self.source(of: $0) }
        let figures = try figures(of: source, console)
        let image = source.graph.imageInput()
        var output = Output(
            batch: source.graph.inputs.first?.dimensions.first?.fixedSize ?? batch,
            unit: image.map { $0.dimensions.count == 5 ? "clips" : "images" } ?? "samples",
            frames: image?.frames?.fixedSize, model: model, fileBytes: figures.fileBytes, latency: figures.latency,
            throughput: figures.throughput, peakMemoryBytes: figures.peakMemoryBytes)
        if let other {
            output.against = try self.figures(of: other, console)
            let (session, inputs) = try session(of: source)
            let (otherSession, otherInputs) = try self.session(of: other)
            let comparison = try LatencyComparison.measure(
                pairs: 15, turn: .seconds(seconds / 20),
                first: { () throws(EdgeError) in _ = try otherSession.run(otherInputs) },
                second: { () throws(EdgeError) in _ = try session.run(inputs) })
            output.speedup = comparison.speedup
            output.speedupInterval = comparison.speedupInterval.map { [$0.lowerBound, $0.upperBound] }
        }
        return output
    }

    /// Heights and widths that the file leaves free are as such a model usually takes.
    private func options(for source: ModelSource) throws -> SessionOptions {
        var options = SessionOptions(threads: common.threads == 0 ? nil : common.threads, precision: precision)
        if let input = boundInput(of: source) { options.inputShapes[input.name] = input.shape }
        return options
    }

    private func boundInput(of source: ModelSource) -> (name: String, shape: Shape)? {
        guard let input = source.graph.inputs.first, let sizes = source.boundInput else { return nil }
        let shape = Shape([sizes[0].fixedSize ?? batch] + sizes.dropFirst().compactMap(\.fixedSize))
        return (source.graph[input.value].name, shape)
    }

    private func session(of source: ModelSource) throws -> (InferenceSession, [TensorData]) {
        let session = try InferenceSession(contentsOf: source.path, options: try options(for: source))
        return (session, try session.exampleInputs(batchSize: batch))
    }

    private func figures(of source: ModelSource, _ console: Console) throws -> Figures {
        let (session, inputs) = try session(of: source)
        let length = MeasurementLength.duration(.seconds(seconds))
        let latency = try LatencyMeasurement.measure(session, inputs: inputs, length: length)
        var streaming = try options(for: source)
        streaming.goal = .throughput
        let throughput = try ThroughputMeasurement.measure(
            try InferenceSession(contentsOf: source.path, options: streaming), inputs: inputs, length: length)
        let memory = try ModelMeasurement(threads: common.threads, console: console).memory(
            of: source.path, input: boundInput(of: source))
        return Figures(
            model: source.path, fileBytes: source.fileBytes, latency: latency, throughput: throughput,
            peakMemoryBytes: memory.inferencePeak)
    }

    /// Refuses a batch that this machine has no memory for; OpenVINO would be killed in the middle of it.
    private func source(of path: String) throws -> ModelSource {
        var source = try ModelSource(path)
        try source.bindSizes(to: nil)
        let needed: ByteCount
        do throws(GraphError) {
            let types = try ShapeInference(of: source.graph, sizes: source.graph.sizes(batch: batch))
            needed = Liveness(of: source.graph, types: types).peak
        } catch {
            throw error.located(inFile: path)
        }
        guard needed <= Processor.memory else {
            throw CommandError.tooLittleMemory(path, batch: batch, needed: needed, available: Processor.memory)
        }
        return source
    }
}

extension Duration {
    fileprivate var milliseconds: Double { (seconds * 1000).rounded(places: 4) }
}

extension Bench {
    func text(of output: Output) -> String {
        let unit = output.unit + (output.frames.map { " of \($0) frames" } ?? "")
        guard let other = output.against, let speedup = output.speedup else {
            return """
                \(output.model), batch \(output.batch):
                  latency      \(output.latency.median.milliseconds) ms median, \(output.latency.p95.milliseconds) ms p95
                  throughput   \(Self.rate(output.throughput)) \(unit) a second, \(output.throughput.requests) at once
                  peak memory  \(output.peakMemoryBytes)
                  file         \(output.fileBytes)
                """
        }
        let own = Figures(
            model: output.model, fileBytes: output.fileBytes, latency: output.latency, throughput: output.throughput,
            peakMemoryBytes: output.peakMemoryBytes)
        let headings = ["latency", "p95", "\(output.unit)/s", "peak memory", "file"]
        let table = Table(
            columns: [Table.Column("model", isNumeric: false)] + headings.map { Table.Column($0) },
            rows: [Self.row(of: other), Self.row(of: own, against: other)])
        var line = "\(output.model) is \(speedup.rounded(places: 2)) times as fast as \(other.model)"
        if let interval = output.speedupInterval {
            line += " (95 % interval \(interval[0].rounded(places: 2)) to \(interval[1].rounded(places: 2)))"
        }
        return "Batches of \(output.batch), \(unit).\n\n\(table.plainText())\n\(line)"
    }

    private static func row(of figures: Figures, against other: Figures? = nil) -> [Table.Cell] {
        func cell(_ text: String, _ value: (Figures) -> Double) -> Table.Cell {
            Table.Cell(text, change: other.flatMap { NumberFormatting.relativeChange(value(figures), from: value($0)) })
        }
        return [
            Table.Cell(figures.model),
            cell("\(figures.latency.median.milliseconds) ms") { $0.latency.median.seconds },
            cell("\(figures.latency.p95.milliseconds) ms") { $0.latency.p95.seconds },
            cell(rate(figures.throughput)) { $0.throughput.imagesPerSecond },
            cell("\(figures.peakMemoryBytes)") { Double($0.peakMemoryBytes.bytes) },
            cell("\(figures.fileBytes)") { Double($0.fileBytes.bytes) },
        ]
    }

    /// Clips may take longer than a second each.
    private static func rate(_ throughput: ThroughputMeasurement) -> String {
        let rate = throughput.imagesPerSecond
        return rate < 10 ? NumberFormatting.fixed(rate, decimals: 2) : NumberFormatting.fixed(rate, decimals: 0)
    }
}
