public import BantamGraph

/// Some samples of another data set.
public struct DatasetSubset: Dataset {
    private let base: any Dataset
    /// Places in the whole data set.
    public let indices: [Int]

    public var classNames: [String] { base.classNames }
    public var count: Int { indices.count }

    /// - Precondition: the indices are in `0..<base.count`.
    public init(_ base: any Dataset, indices: [Int]) {
        precondition(indices.allSatisfy { (0..<base.count).contains($0) }, "an index is not below \(base.count)")
        self.base = base
        self.indices = indices
    }

    public func label(at index: Int) -> Int { base.label(at: indices[index]) }
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

    /// Two parts without a common sample, each with the classes as evenly as they come.
    ///
    /// - Parameter fraction: The share of the second part, in `0...1`.
    public func holdingOut(_ fraction: Double, seed: UInt64 = 0) -> (kept: DatasetSubset, heldOut: DatasetSubset) {
        let heldOutCount = Int((Double(count) * min(max(fraction, 0), 1)).rounded())
        let order = balancedOrder(seed: seed)
        return (
            DatasetSubset(self, indices: order.dropFirst(heldOutCount).sorted()),
            DatasetSubset(self, indices: order.prefix(heldOutCount).sorted())
        )
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
