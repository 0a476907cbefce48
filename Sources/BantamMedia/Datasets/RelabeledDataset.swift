/// A data set whose labels count another list of classes: a model's, of which the data may have only some.
public struct RelabeledDataset: Dataset {
    private let base: any Dataset
    public let classNames: [String]
    /// The new label of each old one.
    private let labels: [Int]

    public var count: Int { base.count }

    /// - Returns: `nil` unless there are labels, and each class of `base` is one of `classNames`.
    init?(_ base: any Dataset, classNames: [String]) {
        guard base.isLabelled else { return nil }
        let index = ClassIndex(classNames)
        var labels: [Int] = []
        for name in base.classNames {
            guard let label = index.label(of: name), !labels.contains(label) else { return nil }
            labels.append(label)
        }
        self.base = base
        self.classNames = classNames
        self.labels = labels
    }

    public func label(at index: Int) -> Int { labels[base.label(at: index)] }
    public func name(at index: Int) -> String { base.name(at: index) }
    public var passedOver: [PassedOver] { base.passedOver }

    public func sample(at index: Int) throws(MediaError) -> Sample {
        var sample = try base.sample(at: index)
        sample.label = labels[sample.label]
        return sample
    }
}

extension Dataset {
    /// The same samples with labels that count `classNames`, found by name: for a model that tells apart more classes
    /// than the data set has, or lists them in another order.
    ///
    /// A name of several words, such as ImageNet's `n01440764 tench`, is also found by its first word and by the rest.
    ///
    /// - Returns: `nil` unless each class of the data set is one of `classNames`, and no two are the same.
    public func relabeled(as classNames: [String]) -> RelabeledDataset? {
        RelabeledDataset(self, classNames: classNames)
    }
}

/// Labels by name.
private struct ClassIndex {
    private var labels: [String: Int] = [:]
    /// The same for parts of names; -1 where several classes share one.
    private var labelsOfParts: [String: Int] = [:]

    init(_ names: [String]) {
        for (label, name) in names.enumerated() {
            labels[name] = labels[name] == nil ? label : -1
            guard let space = name.firstIndex(of: " ") else { continue }
            for part in [name[..<space], name[name.index(after: space)...]] {
                labelsOfParts[String(part)] = labelsOfParts[String(part)] == nil ? label : -1
            }
        }
    }

    func label(of name: String) -> Int? {
        (labels[name] ?? labelsOfParts[name]).flatMap { $0 < 0 ? nil : $0 }
    }
}
