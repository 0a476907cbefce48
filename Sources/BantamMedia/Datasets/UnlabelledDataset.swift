/// The samples of another data set, whose classes mean nothing to the model that they are for.
public struct UnlabelledDataset: Dataset {
    private let base: any Dataset

    public init(_ base: any Dataset) { self.base = base }

    public var count: Int { base.count }
    public var classNames: [String] { [] }

    public func label(at _: Int) -> Int { Sample.noLabel }
    public func name(at index: Int) -> String { base.name(at: index) }
    public var passedOver: [PassedOver] { base.passedOver }

    public func sample(at index: Int) throws(MediaError) -> Sample {
        var sample = try base.sample(at: index)
        sample.label = Sample.noLabel
        return sample
    }
}
