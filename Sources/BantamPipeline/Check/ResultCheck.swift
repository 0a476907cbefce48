import BantamEdge
public import BantamGraph
import BantamMedia
public import BantamModel
public import BantamTraining

/// A look at a changed model beside the one it was made from, as the files that they are: what every command does before it
/// says that it is done.
///
/// Both files are run by the edge runtime on the same samples, none of which was trained on. With labels accuracy decides,
/// else how far each output is from the original's.
public struct ResultCheck: Encodable, Sendable {
    /// What the two were run on.
    public enum Samples: String, Encodable, Sendable {
        /// Samples that were not trained on.
        case heldOut
        /// All samples, where too few are held out to judge by them.
        case all
        /// Noise, as there are no data.
        case random
    }

    /// How far one output is from the original's.
    public struct Output: Encodable, Sendable {
        public var name: String
        /// ``/BantamModel/SignalToNoise``; `nil` where both are the same.
        public var decibels: Double?
    }

    public var samples: Samples
    public var count: Int
    /// The share of right answers, 0...1; `nil` without labels.
    public var accuracyBefore: Double?
    public var accuracyAfter: Double?
    /// The share of samples to which both give the same class, 0...1; `nil` for models without classes.
    public var agreement: Double?
    /// The outputs of both of the same name or place, type and shape; empty where the two have none in common.
    public var outputs: [Output]
    /// Names of outputs of the changed model that hold NaN or infinity where the original's do not.
    public var nonFiniteOutputs: [String]

    /// The loss of accuracy in points of 100; negative for a gain; `nil` without labels.
    public var drop: Double? {
        guard let accuracyBefore, let accuracyAfter else { return nil }
        return (accuracyBefore - accuracyAfter) * 100
    }

    /// Of the output with the most noise; `nil` where all are the same or none can be compared.
    public var decibels: Double? { outputs.compactMap(\.decibels).min() }
}

// MARK: Limits

extension ResultCheck {
    /// What a result must keep to.
    public struct Limits: Hashable, Sendable {
        /// The least signal-to-noise ratio of any output, in dB.
        public var leastDecibels: Double?
        /// The largest loss of accuracy, in points of 100.
        public var largestDrop: Double?

        public init(leastDecibels: Double? = nil, largestDrop: Double? = nil) {
            self.leastDecibels = leastDecibels
            self.largestDrop = largestDrop
        }
    }

    /// Which limit is broken, as a clause; `nil` where all are kept.
    public func violation(of limits: Limits) -> String? {
        if let least = limits.leastDecibels, let decibels, decibels < least {
            return
                "The signal-to-noise ratio is \(Self.round(decibels)) dB, and at least \(Self.round(least)) are asked for"
        }
        if let largest = limits.largestDrop, let drop, drop > largest {
            return "The accuracy on \(count) samples fell by \(Self.round(drop)) points, and at most "
                + "\(Self.round(largest)) are allowed"
        }
        return nil
    }

    /// Losses of accuracy beyond these points are warned of.
    private static let noticeableDrop = 5.0
    /// Outputs with less are warned of, in dB: a third of the signal is noise.
    public static let noticeableNoise = 10.0
    /// The same of a model whose numbers were to be stored otherwise, and mean what they meant.
    public static let noticeableRoundingNoise = 20.0

    /// Whether the result is so much worse than the original that a person should be told.
    ///
    /// - Parameter noise: Without labels, the signal-to-noise ratio below which it is, in dB.
    public func isPoor(below noise: Double = noticeableNoise) -> Bool {
        if let drop { return drop > Self.noticeableDrop }
        return decibels.map { $0 < noise } ?? false
    }

    static func round(_ number: Double) -> Double { (number * 10).rounded() / 10 }
}

// MARK: Running

extension ResultCheck {
    /// One of the two models, and what it is run on.
    public struct Subject {
        public var path: String
        public var task: TaskDescription
        /// The samples as this model takes them; `nil` for random input.
        public var data: TrainingData?

        public init(_ path: String, task: TaskDescription, data: TrainingData?) {
            self.path = path
            self.task = task
            self.data = data
        }
    }

    /// More samples change the figures little.
    public static let mostSamples = 256

    /// Runs both files.
    ///
    /// - Parameters:
    ///   - original: Takes the same samples as `changed`, in the same order.
    ///   - samples: What they are.
    ///   - shape: Of one sample with its batch, where the files leave sizes free and there are no data.
    /// - Throws: `EdgeError` where the runtime does not take a file; errors of the data.
    public init(
        of changed: Subject, against original: Subject, on samples: Samples, shape: Shape? = nil, threads: Int?,
        onSample: (Double) -> Void = { _ in }
    ) throws {
        var options = SessionOptions(threads: threads)
        options.batchSize = 1
        let before = try InferenceSession(contentsOf: original.path, options: options)
        let after = try InferenceSession(contentsOf: changed.path, options: options)
        var tally = Tally(changed.task, original.task)
        if let data = changed.data, let originalData = original.data {
            let (inputs, originals) = (
                try data.batches(size: 1).loader.batches(epoch: 0),
                try originalData.batches(size: 1).loader.batches(epoch: 0)
            )
            var done = 0
            while let input = try inputs.next(), let other = try originals.next() {
                let label = data.isLabelled ? input.labels.elements(of: Int64.self).first.map(Int.init) : nil
                tally.add(
                    try Self.outputs(of: after, [input.inputs]), try Self.outputs(of: before, [other.inputs]),
                    label: label)
                done += 1
                onSample(Double(done) / Double(data.count))
            }
        } else {
            for input in try Self.noise(for: before, shape) {
                tally.add(try Self.outputs(of: after, input), try Self.outputs(of: before, input), label: nil)
            }
        }
        self = tally.check(samples, names: after.outputs.map(\.name))
    }

    private static let noiseSamples = 8

    /// Noise for each input of the model.
    private static func noise(for session: InferenceSession, _ shape: Shape?) throws -> [[TensorData]] {
        var random = SeededGenerator(seed: 0).stream("random input of a check")
        func noise(_ type: TensorType) -> TensorData {
            type.dtype == .uint8
                ? TensorData(
                    type.shape, (0..<type.shape.elementCount).map { _ in UInt8.random(in: 0...255, using: &random) })
                : TensorData(type.shape, (0..<type.shape.elementCount).map { _ in random.normal() })
        }
        let types: [TensorType]
        if let shape, let input = session.inputs.first {
            types = [TensorType(input.dtype, shape)]
        } else {
            types = try session.exampleInputs(batchSize: 1).map(\.type)
        }
        guard types.allSatisfy({ [.float32, .uint8].contains($0.dtype) }) else {
            return [try session.exampleInputs(batchSize: 1)]
        }
        return (0..<noiseSamples).map { _ in types.map(noise) }
    }

    /// The outputs for one sample, in float32; `nil` for an output of other numbers.
    private static func outputs(of session: InferenceSession, _ inputs: [TensorData]) throws(EdgeError) -> [[Float]?] {
        guard inputs.count == 1, let input = inputs.first else { return try session.run(inputs).map(\.floats) }
        var found: [[Float]?] = []
        try Evaluation.run(input, session: session) { (outputs, piece, count) throws(EdgeError) in
            found = outputs.map { output in
                guard let numbers = output.floats else { return nil }
                let isBatched = output.shape.dimensions.first == piece && piece > 0
                return isBatched ? Array(numbers.prefix(numbers.count / piece * count)) : numbers
            }
        }
        return found
    }
}

/// Adds up what two models answer to the same samples.
private struct Tally {
    private let task: TaskDescription
    private let originalTask: TaskDescription
    private var count = 0
    private var labelled = 0
    private var (rightBefore, rightAfter, same, compared) = (0, 0, 0, 0)
    private var noise: [SignalToNoise?] = []
    private var nonFinite: Set<Int> = []

    init(_ task: TaskDescription, _ originalTask: TaskDescription) {
        self.task = task
        self.originalTask = originalTask
    }

    mutating func add(_ found: [[Float]?], _ expected: [[Float]?], label: Int?) {
        count += 1
        if noise.isEmpty { noise = found.map { $0 == nil ? nil : SignalToNoise() } }
        for (index, values) in found.enumerated() {
            guard let values else { continue }
            let reference = index < expected.count ? expected[index] : nil
            let isOriginallyFinite = reference?.allSatisfy(\.isFinite) ?? true
            if isOriginallyFinite, !values.allSatisfy(\.isFinite) { nonFinite.insert(index) }
            guard let reference, reference.count == values.count else {
                noise[index] = nil
                continue
            }
            for (value, expected) in zip(values, reference) where value.isFinite && expected.isFinite {
                noise[index]?.observe(value, reference: expected)
            }
        }
        guard task != .unspecified, originalTask.classCount == task.classCount, let scores = found.first ?? nil,
            let before = expected.first ?? nil
        else { return }
        let answer = TaskDescription.prediction(of: task.scores(of: scores))
        let original = TaskDescription.prediction(of: originalTask.scores(of: before))
        compared += 1
        same += answer != nil && answer == original ? 1 : 0
        guard let label else { return }
        labelled += 1
        rightBefore += original == label ? 1 : 0
        rightAfter += answer == label ? 1 : 0
    }

    func check(_ samples: ResultCheck.Samples, names: [String]) -> ResultCheck {
        func share(_ part: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
        return ResultCheck(
            samples: samples, count: count, accuracyBefore: share(rightBefore, of: labelled),
            accuracyAfter: share(rightAfter, of: labelled), agreement: share(same, of: compared),
            outputs: zip(names, noise).compactMap { name, noise in
                noise.map { ResultCheck.Output(name: name, decibels: $0.decibels) }
            },
            nonFiniteOutputs: nonFinite.sorted().map { $0 < names.count ? names[$0] : "\($0)" })
    }
}
