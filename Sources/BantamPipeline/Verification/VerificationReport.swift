public import BantamGraph

/// How a compressed model compares with the one it was made from, in every respect that decides whether to ship it.
public struct VerificationReport: Hashable, Sendable, Codable {
    /// A model file.
    public struct File: Hashable, Sendable, Codable {
        public var path: String
        public var fileBytes: ByteCount
        public var weights: WeightStorage

        public init(path: String, fileBytes: ByteCount, weights: WeightStorage) {
            self.path = path
            self.fileBytes = fileBytes
            self.weights = weights
        }
    }

    /// One way to run one of the models, over all samples.
    public struct Run: Hashable, Sendable, Codable {
        public enum Model: String, Sendable, Codable {
            /// The file that the other was made from.
            case original
            /// The compressed model in float32, with its rounding simulated.
            case simulated
            /// The compressed file, as a device runs it.
            case exported
        }

        public var model: Model
        /// `"openvino"` or `"libtorch"`.
        public var runtime: String
        /// What the runtime's kernels could use; `nil` where that was not chosen.
        public var instructionSet: String?
        /// The share of right answers, 0...1; `nil` without labels.
        public var top1: Double?
        /// `nil` without labels, or with five classes or fewer.
        public var top5: Double?
        /// How the scores compare with the original's.
        public var fromOriginal: Distance?
        /// How the exported file's scores compare with the simulated ones.
        public var fromSimulated: Distance?

        public init(
            _ model: Model, runtime: String, instructionSet: String? = nil, top1: Double? = nil, top5: Double? = nil,
            fromOriginal: ScoreComparison? = nil, fromSimulated: ScoreComparison? = nil
        ) {
            self.model = model
            self.runtime = runtime
            self.instructionSet = instructionSet
            self.top1 = top1
            self.top5 = top5
            self.fromOriginal = fromOriginal.map(Distance.init)
            self.fromSimulated = fromSimulated.map(Distance.init)
        }
    }

    /// A finished ``ScoreComparison``.
    public struct Distance: Hashable, Sendable, Codable {
        /// The share of samples with the same first answer, 0...1; `nil` without classes.
        public var agreement: Double?
        /// Between two numbers of the same place and sample.
        public var largestDifference: Float
        /// The scores beside their error, or the output with the most of it; `nil` where there is none.
        public var decibels: Double?

        public init(_ comparison: ScoreComparison) {
            agreement = comparison.agreement
            largestDifference = comparison.largestDifference
            decibels = comparison.decibels
        }
    }

    /// What became of one class in the exported file.
    public struct ClassChange: Hashable, Sendable, Codable {
        public var name: String
        public var samples: Int
        /// Right answers of the original, and of the exported file.
        public var correctBefore: Int
        public var correctAfter: Int

        public init(name: String, samples: Int, correctBefore: Int, correctAfter: Int) {
            self.name = name
            self.samples = samples
            self.correctBefore = correctBefore
            self.correctAfter = correctAfter
        }

        /// Of the class's accuracy, -1...1.
        public var change: Double { Double(correctAfter - correctBefore) / Double(max(samples, 1)) }
    }

    public var original: File
    public var compressed: File
    public var data: String
    public var split: String
    public var samples: Int
    /// The original, the simulated model, and the exported file: once for each instruction set, in the order given.
    public var runs: [Run]
    /// The class that lost most first; empty without labels.
    public var classes: [ClassChange]
    /// The layer with the most noise first.
    public var layers: [LayerComparison.Layer]
    /// How many of the samples the layers were compared on.
    public var layerSamples: Int
    /// What was demanded, and whether it holds.
    public var limits: [VerificationLimits.Outcome] = []
    /// See ``VerificationLimits/warnings(for:)``.
    public var warnings: [String] = []

    public init(
        original: File, compressed: File, data: String, split: String, samples: Int, runs: [Run],
        classes: [ClassChange], layers: [LayerComparison.Layer], layerSamples: Int
    ) {
        self.original = original
        self.compressed = compressed
        self.data = data
        self.split = split
        self.samples = samples
        self.runs = runs
        self.classes = classes.sorted { ($0.change, $0.name) < ($1.change, $1.name) }
        self.layers = layers
        self.layerSamples = layerSamples
    }

    /// Holds limits against what was found.
    public mutating func judge(by limits: VerificationLimits) {
        self.limits = limits.outcomes(for: self)
        warnings = limits.warnings(for: self)
    }

    /// Whether no limit is broken.
    public var isPassed: Bool { limits.allSatisfy(\.isKept) }

    /// The original's run.
    public var originalRun: Run? { runs.first { $0.model == .original } }
    /// The exported file's runs, the one that limits are about first.
    public var exportedRuns: [Run] { runs.filter { $0.model == .exported } }
}
