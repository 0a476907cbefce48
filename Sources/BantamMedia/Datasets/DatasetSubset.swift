public import BantamGraph

/// Some samples of another data set.
public struct DatasetSubset: Dataset {
    private let base: any Dataset
    /// Places in the whole data set.
    public let indices: [Int]

    /// Why samples were left out, where that is for people to know.
    private let leftOut: [PassedOver]

    public var classNames: [String] { base.classNames }
    public var count: Int { indices.count }

    /// - Parameter leftOut: Why samples were left out, where that is for people to know.
    /// - Precondition: the indices are in `0..<base.count`.
    public init(_ base: any Dataset, indices: [Int], leftOut: [PassedOver] = []) {
        precondition(indices.allSatisfy { (0..<base.count).contains($0) }, "an index is not below \(base.count)")
        self.base = base
        self.indices = indices
        self.leftOut = leftOut
    }

    public func label(at index: Int) -> Int { base.label(at: indices[index]) }
    public func name(at index: Int) -> String { base.name(at: indices[index]) }
    public var passedOver: [PassedOver] { base.passedOver + leftOut }
    public func sample(at index: Int) throws(MediaError) -> Sample { try base.sample(at: indices[index]) }
}

extension Dataset {
    /// At most `limit` samples, the classes as evenly as they come, in the order of the whole.
    ///
    /// The choice depends on the seed alone, and a larger limit keeps the samples of a smaller one.
    public func limited(to limit: Int, seed: UInt64 = 0) -> DatasetSubset {
        guard limit < count else { return DatasetSubset(self, indices: Array(0..<count)) }
        return DatasetSubset(self, indices: balancedOrder(seed: seed).prefix(max(limit, 0)).sorted())
    }

    /// All indices, shuffled within each class, one of each class in turn; just shuffled without classes.
    private func balancedOrder(seed: UInt64) -> [Int] {
        var random = SeededGenerator(seed: seed).stream("dataset order")
        guard isLabelled else { return random.permutation(count: count) }
        var byClass = [[Int]](repeating: [], count: classNames.count)
        for index in 0..<count { byClass[label(at: index)].append(index) }
        for label in byClass.indices { random.shuffle(&byClass[label]) }
        var order: [Int] = []
        order.reserveCapacity(count)
        for round in 0..<(byClass.map(\.count).max() ?? 0) {
            for members in byClass where round < members.count { order.append(members[round]) }
        }
        return order
    }
}
