public import BantamGraph

/// What one command did, and what it measured: the source of every table and page.
public struct RunRecord: Codable, Sendable {
    /// What was run, as typed.
    public var command: String
    /// ISO 8601, UTC.
    public var date: String
    public var environment: Environment
    public var seed: UInt64
    public var data: DataDescription
    /// The variant that changes are counted against.
    public var baseline: String
    public var variants: [VariantRecord]

    public init(
        command: String, date: String, environment: Environment, seed: UInt64, data: DataDescription,
        baseline: String, variants: [VariantRecord] = []
    ) {
        self.command = command
        self.date = date
        self.environment = environment
        self.seed = seed
        self.data = data
        self.baseline = baseline
        self.variants = variants
    }

    /// Where the measurements were taken: without it they mean little.
    public struct Environment: Codable, Sendable {
        public var bantam: String
        public var libtorch: String
        public var openvino: String
        public var processor: String
        public var threads: Int

        public init(bantam: String, libtorch: String, openvino: String, processor: String, threads: Int) {
            self.bantam = bantam
            self.libtorch = libtorch
            self.openvino = openvino
            self.processor = processor
            self.threads = threads
        }
    }

    public struct DataDescription: Codable, Sendable {
        public var path: String
        public var trainingSamples: Int
        public var testSamples: Int

        public init(path: String, trainingSamples: Int, testSamples: Int) {
            self.path = path
            self.trainingSamples = trainingSamples
            self.testSamples = testSamples
        }
    }
}

/// One model of a run: what it is, and what its exported file measured.
public struct VariantRecord: Codable, Sendable {
    public var name: String
    /// How it was made, in words.
    public var method: String
    /// The exported file, relative to the report.
    public var file: String
    public var metrics: ModelMetrics
    /// What was decided in each step that plans: which channels go, which layers become integers.
    public var plans: [PlanRecord]
    /// Time spent training it, in seconds.
    public var trainingSeconds: Double
    /// Each training, epoch by epoch, as the trainer encodes it.
    public var trainings: [JSONValue]
    /// What a reader should know: a fallback, a limit that was not met.
    public var notes: [String]

    public init(
        name: String, method: String, file: String, metrics: ModelMetrics, plans: [PlanRecord] = [],
        trainingSeconds: Double, trainings: [JSONValue] = [], notes: [String] = []
    ) {
        self.name = name
        self.method = method
        self.file = file
        self.metrics = metrics
        self.plans = plans
        self.trainingSeconds = trainingSeconds
        self.trainings = trainings
        self.notes = notes
    }
}

/// A plan, as the method that made it encodes it.
public struct PlanRecord: Codable, Sendable {
    public var step: String
    public var plan: JSONValue

    public init(step: String, plan: JSONValue) {
        self.step = step
        self.plan = plan
    }
}

/// The figures of one exported model.
public struct ModelMetrics: Codable, Sendable {
    public var parameters: Int
    /// Parameters that are not zero.
    public var nonzeroParameters: Int
    /// Multiply-accumulate operations for one sample.
    public var macs: Int
    public var fileBytes: ByteCount
    /// The largest sum of live activations for one sample, by liveness.
    public var peakActivationBytes: ByteCount
    /// Memory of a process that runs the file, above what the process takes without a model.
    public var peakMemoryBytes: ByteCount?
    /// Seconds for a batch of one.
    public var latencyMedian: Double
    public var latencyP95: Double
    public var imagesPerSecond: Double
    /// Correct first answers, 0...1.
    public var top1: Double
    public var samples: Int

    public init(
        parameters: Int, nonzeroParameters: Int, macs: Int, fileBytes: ByteCount, peakActivationBytes: ByteCount,
        peakMemoryBytes: ByteCount?, latencyMedian: Double, latencyP95: Double, imagesPerSecond: Double,
        top1: Double, samples: Int
    ) {
        self.parameters = parameters
        self.nonzeroParameters = nonzeroParameters
        self.macs = macs
        self.fileBytes = fileBytes
        self.peakActivationBytes = peakActivationBytes
        self.peakMemoryBytes = peakMemoryBytes
        self.latencyMedian = latencyMedian
        self.latencyP95 = latencyP95
        self.imagesPerSecond = imagesPerSecond
        self.top1 = top1
        self.samples = samples
    }
}
