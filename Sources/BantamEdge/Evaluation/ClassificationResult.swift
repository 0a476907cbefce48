/// How well a classifier did on a set of labelled images or clips.
public struct ClassificationResult: Hashable, Sendable, Codable {
    /// The samples of one class.
    public struct ClassCount: Hashable, Sendable, Codable {
        public var samples: Int
        public var correct: Int
    }

    public var samples: Int
    /// The share of samples whose class has the highest score, in 0...1.
    public var top1: Double
    /// The share of samples whose class is among the five highest scores; `nil` with five classes or fewer, where
    /// every answer would be right.
    public var top5: Double?
    /// By label.
    public var perClass: [ClassCount]
    /// `confusion[label][prediction]` samples. Its sum falls short of ``samples`` by those without a prediction:
    /// the model gave them no number at all.
    public var confusion: [[Int]]
}

/// Counts answers as they come.
public struct ClassificationCounts: Sendable {
    public let classes: Int
    private var samples = 0
    private var top1 = 0
    private var top5 = 0
    private var confusion: [[Int]]
    private var perClass: [ClassificationResult.ClassCount]

    public init(classes: Int) {
        self.classes = classes
        confusion = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
        perClass = [ClassificationResult.ClassCount](repeating: .init(samples: 0, correct: 0), count: classes)
    }

    /// Takes a sample into account.
    ///
    /// - Precondition: `scores` has one number per class, and `label` is one of them.
    public mutating func count(scores: some RandomAccessCollection<Float>, label: Int) {
        let own = scores[scores.index(scores.startIndex, offsetBy: label)]
        var prediction: Int?
        var highest = -Float.infinity
        // The scores before this label's. Equal ones count in the order of classes; NaN before any number, so that
        // a model that gives NaN is wrong rather than lucky.
        var ahead = own.isNaN ? classes : 0
        for (index, score) in scores.enumerated() {
            if score > highest || (score == highest && prediction == nil) {
                prediction = index
                highest = score
            }
            if score > own || score.isNaN || (score == own && index < label) { ahead += 1 }
        }
        samples += 1
        perClass[label].samples += 1
        if ahead < 5 { top5 += 1 }
        if ahead == 0 {
            top1 += 1
            perClass[label].correct += 1
        }
        if let prediction { confusion[label][prediction] += 1 }
    }

    /// - Precondition: at least one sample was counted.
    public var result: ClassificationResult {
        precondition(samples > 0, "no samples were counted")
        return ClassificationResult(
            samples: samples, top1: Double(top1) / Double(samples),
            top5: classes > 5 ? Double(top5) / Double(samples) : nil, perClass: perClass, confusion: confusion)
    }
}
