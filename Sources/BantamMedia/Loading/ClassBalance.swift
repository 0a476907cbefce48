import BantamGraph
import Glibc

/// What makes up for classes of different frequency: weights of the loss, or an order that shows them equally often.
public enum ClassBalance {
    /// The weight of each class in a loss: inverse to its frequency, with a mean of 1 over all samples.
    ///
    /// - Parameters:
    ///   - labels: Of all samples; those without a label do not count.
    ///   - classCount: The number of classes.
    ///   - exponent: 1 makes every class weigh the same in all, 0 leaves each sample its weight; between, milder.
    /// - Returns: `[classCount]` weights; 0 for a class without samples.
    /// - Precondition: labels are below `classCount`.
    public static func weights(labels: [Int], classCount: Int, exponent: Double = 1) -> [Double] {
        var counts = [Int](repeating: 0, count: classCount)
        for label in labels where label != Sample.noLabel { counts[label] += 1 }
        let raw = counts.map { $0 == 0 ? 0 : pow(1 / Double($0), exponent) }
        let total = zip(raw, counts).reduce(0) { $0 + $1.0 * Double($1.1) }
        let samples = Double(counts.reduce(0, +))
        return raw.map { total > 0 ? $0 * samples / total : 0 }
    }

    /// As many samples as there are, each class as often as every other, in random order.
    ///
    /// The samples of a class come in turn, in rounds of an order of their own that go on from epoch to epoch: those of
    /// rare classes come several times an epoch, and of those of common classes each is seen over the epochs. Where the
    /// classes do not divide the number of samples, which of them come once more is drawn.
    ///
    /// - Parameters:
    ///   - labels: Of all samples.
    ///   - epoch: From 0; each has an order of its own.
    ///   - seed: Of the order.
    /// - Returns: `labels.count` indices.
    public static func order(labels: [Int], epoch: Int, seed: UInt64) -> [Int] {
        var membersOfClass: [Int: [Int]] = [:]
        for (index, label) in labels.enumerated() { membersOfClass[label, default: []].append(index) }
        var classes = membersOfClass.keys.sorted()
        guard !classes.isEmpty else { return [] }
        let generator = SeededGenerator(seed: seed)
        var random = generator.stream("balanced order of epoch \(epoch)")
        random.shuffle(&classes)
        var order: [Int] = []
        order.reserveCapacity(labels.count)
        // No epoch takes more of a class than this, so that each goes on where the last has ended.
        let most = (labels.count + classes.count - 1) / classes.count
        for (place, label) in classes.enumerated() {
            let members = membersOfClass[label] ?? []
            let count = labels.count / classes.count + (place < labels.count % classes.count ? 1 : 0)
            let first = epoch * most
            var round = -1
            var inTurn: [Int] = []
            for number in first..<first + count {
                if number / members.count != round {
                    round = number / members.count
                    var draw = generator.stream("round \(round) of class \(label)")
                    inTurn = members
                    draw.shuffle(&inTurn)
                }
                order.append(inTurn[number % members.count])
            }
        }
        random.shuffle(&order)
        return order
    }
}
