import BantamGraph

/// A rule that sets samples aside: a share of each class, chosen by seed, with groups kept together.
///
/// - Of each class, `share` of its samples are held out, rounded, and at least one. A class of one sample, or whose
///   samples are all of one group, has none held out: it would vanish from training.
/// - A group is held out as a whole or not at all, in all its classes; a sample without a group is one of its own. No
///   class loses its last group to the held-out part. Where groups are large, the share is met as nearly as whole groups
///   allow.
/// - Classes are served from the one with the fewest groups on, and each class's groups in an order that follows from
///   the seed and the group's name alone (for a sample without a group: its number). Same labels, groups and seed, same
///   choice.
///
/// ```swift
/// let (kept, heldOut) = HoldOut(share: 0.1, seed: 1).divide(labels: [0, 0, 0, 1, 1])
/// ```
public struct HoldOut: Hashable, Sendable, Codable {
    /// In `0...1`; 0 holds nothing out.
    public var share: Double
    public var seed: UInt64

    public init(share: Double = 0.1, seed: UInt64 = 0) {
        self.share = share
        self.seed = seed
    }

    /// The indices of two parts without a common sample or group, each ascending.
    public struct Parts: Hashable, Sendable {
        public var kept: [Int]
        public var heldOut: [Int]
        /// The labels of which nothing is held out, because they have one sample or one group.
        public var undivided: [Int]
    }

    /// Divides samples that are told by their labels.
    ///
    /// - Parameters:
    ///   - labels: Of each sample; samples without labels count as one class (``Sample/noLabel``).
    ///   - groups: Of each sample, `nil` for one that belongs to none; `nil` where there are no groups.
    /// - Precondition: as many groups as labels.
    public func divide(labels: [Int], groups: [String?]? = nil) -> Parts {
        precondition(
            groups?.count ?? labels.count == labels.count, "\(labels.count) labels, \(groups?.count ?? 0) groups")
        let units = orderedUnits(labels: labels, groups: groups)
        var unitsOfClass: [Int: [Int]] = [:]
        for (index, unit) in units.enumerated() {
            for label in unit.counts.keys { unitsOfClass[label, default: []].append(index) }
        }
        var isHeldOut = [Bool](repeating: false, count: units.count)
        var heldOut: [Int: Int] = [:]
        var unitsLeft = unitsOfClass.mapValues(\.count)
        func take(_ index: Int) {
            isHeldOut[index] = true
            for (label, count) in units[index].counts {
                heldOut[label, default: 0] += count
                unitsLeft[label, default: 0] -= 1
            }
        }
        let rarestFirst = unitsOfClass.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
        for (label, members) in rarestFirst where share > 0 {
            let total = members.reduce(0) { $0 + (units[$1].counts[label] ?? 0) }
            let wanted = max(1, Int((Double(total) * min(share, 1)).rounded()))
            func mayTake(_ index: Int) -> Bool {
                !isHeldOut[index] && units[index].counts.keys.allSatisfy { (unitsLeft[$0] ?? 0) > 1 }
            }
            for index in members where heldOut[label, default: 0] < wanted && mayTake(index) {
                let count = units[index].counts[label] ?? 0
                if heldOut[label, default: 0] + count <= wanted { take(index) }
            }
            guard heldOut[label, default: 0] == 0 else { continue }
            let smallest = members.filter(mayTake).min { units[$0].indices.count < units[$1].indices.count }
            if let smallest { take(smallest) }
        }
        let parts = Dictionary(grouping: units.indices, by: { isHeldOut[$0] })
        func indices(_ chosen: Bool) -> [Int] { (parts[chosen] ?? []).flatMap { units[$0].indices }.sorted() }
        let undivided = share > 0 ? unitsOfClass.keys.filter { heldOut[$0, default: 0] == 0 }.sorted() : []
        return Parts(kept: indices(false), heldOut: indices(true), undivided: undivided)
    }

    /// Samples that stay together.
    private struct Unit {
        var indices: [Int] = []
        /// Samples of each label.
        var counts: [Int: Int] = [:]
    }

    private func orderedUnits(labels: [Int], groups: [String?]?) -> [Unit] {
        let random = SeededGenerator(seed: seed)
        var places: [String: Int] = [:]
        var units: [(unit: Unit, key: UInt64)] = []
        for (index, label) in labels.enumerated() {
            let group = groups?[index].map { "group \($0)" }
            let place: Int
            if let group, let known = places[group] {
                place = known
            } else {
                place = units.count
                if let group { places[group] = place }
                var stream = random.stream(group ?? "sample \(index)")
                units.append((Unit(), stream.next()))
            }
            units[place].unit.indices.append(index)
            units[place].unit.counts[label, default: 0] += 1
        }
        // Equal keys are possible, if hardly: the order of first appearance decides then.
        return units.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }
            .map(\.element.unit)
    }
}

extension Dataset {
    /// The label of each sample, in their order; none is decoded.
    public var labels: [Int] { (0..<count).map { label(at: $0) } }

    /// Two parts without a common sample or group, by the rule of ``HoldOut``.
    ///
    /// - Parameter groups: As ``SampleGroups/groups(of:in:)`` gives them.
    /// - Returns: Both parts, and the names of the classes of which nothing is held out.
    public func divided(
        by rule: HoldOut, groups: [String?]? = nil
    ) -> (kept: DatasetSubset, heldOut: DatasetSubset, undivided: [String]) {
        let parts = rule.divide(labels: labels, groups: groups)
        return (
            DatasetSubset(self, indices: parts.kept), DatasetSubset(self, indices: parts.heldOut),
            parts.undivided.filter { classNames.indices.contains($0) }.map { classNames[$0] }
        )
    }

    /// Two parts without a common sample, by the rule of ``HoldOut``.
    ///
    /// - Parameter fraction: The share of the second part, in `0...1`.
    public func holdingOut(_ fraction: Double, seed: UInt64 = 0) -> (kept: DatasetSubset, heldOut: DatasetSubset) {
        let parts = divided(by: HoldOut(share: fraction, seed: seed))
        return (parts.kept, parts.heldOut)
    }
}
