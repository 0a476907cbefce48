/// Tells from the losses of a training when it has run away, so that it can be rolled back in time.
///
/// A pure value: it is shown each loss and answers whether the training diverges.
public struct DivergenceGuard: Hashable, Sendable {
    /// How many times its start the loss may come to.
    public var multiple: Double
    /// A loss that is no reason for worry, however low it began. That of guessing among a thousand classes is 7.
    public var harmlessLoss: Double
    /// How many times that of the start the loss on held-out samples may come to; `nil` where it may be anything.
    public var heldOutMultiple: Double?
    /// How often a training is rolled back before it is given up.
    public var tries: Int
    /// Whether a training that is given up leaves the best weights it had, those it began with included. Otherwise it fails.
    public var endsWithBest: Bool

    /// The least of the first losses.
    private var start: Double?
    private var seen = 0
    /// The latest losses; single ones may be high by chance.
    private var recent: [Double] = []

    private static let startingSteps = 3
    private static let window = 5

    public init(
        multiple: Double = 10, harmlessLoss: Double = 8, heldOutMultiple: Double? = nil, tries: Int = 4,
        endsWithBest: Bool = false
    ) {
        self.multiple = multiple
        self.harmlessLoss = harmlessLoss
        self.heldOutMultiple = heldOutMultiple
        self.tries = tries
        self.endsWithBest = endsWithBest
    }

    /// For what learns from a teacher without labels, often a copy of the teacher that needs little: a rate that suits a
    /// training from labels takes it far off, and the few samples such a training has do not bring it back.
    public static let fromTeacherAlone = DivergenceGuard(
        multiple: 3, harmlessLoss: 0.05, heldOutMultiple: 2, tries: 8, endsWithBest: true)

    /// The mean loss that counts as divergence.
    public var limit: Double { max(multiple * (start ?? .infinity), harmlessLoss) }

    /// - Returns: Whether the training diverges: the loss is not finite, far above ``limit``, or above it for some steps.
    public mutating func diverges(at loss: Double) -> Bool {
        guard loss.isFinite else { return true }
        seen += 1
        if seen <= Self.startingSteps {
            // The lowest, so that a loss that runs away from the first step on does not set its own measure.
            start = min(start ?? loss, loss)
            return loss > multiple * limit
        }
        recent = recent.suffix(Self.window - 1) + [loss]
        guard let mean = recentMean else { return false }
        return loss > multiple * limit || recent.count == Self.window && mean > limit
    }

    /// Whether held-out samples say that an epoch ended far from the start.
    func isFar(_ heldOut: Double?, from start: Double?) -> Bool {
        guard let heldOutMultiple, let heldOut, let start else { return false }
        return !(heldOut <= max(heldOutMultiple * start, harmlessLoss))
    }

    /// Forgets the latest losses, as after a return to an earlier state.
    public mutating func rollBack() { recent = [] }

    private var recentMean: Double? { recent.isEmpty ? nil : recent.reduce(0, +) / Double(recent.count) }
}
