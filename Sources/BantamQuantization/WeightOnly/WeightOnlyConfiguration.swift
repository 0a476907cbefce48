public import BantamModel

/// How weights are to be stored by ``WeightOnlyQuantization``.
public struct WeightOnlyConfiguration: Codable, Hashable, Sendable {
    public var form: WeightForm
    /// The most weights that share one scale, of integers; `nil` for the usual: 128 for int4, an output channel for
    /// int8.
    public var groupSize: Int?
    /// The size that the file may have. Weights whose rounding costs least take narrower forms until it is met.
    public var fileSize: PruningTarget.Limit?

    public init(form: WeightForm, groupSize: Int? = nil, fileSize: PruningTarget.Limit? = nil) {
        self.form = form
        self.groupSize = groupSize
        self.fileSize = fileSize
    }

    /// Below it the scales, of four bytes each, take as much room as int4 saves over int8.
    public static let smallestGroup = 8
    /// Of int4, where nothing else is asked for.
    package static let usualGroup = 128
}
