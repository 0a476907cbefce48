public import BantamGraph
import COpenVINO

/// An input or output of a model file.
public struct TensorPort: Hashable, Sendable, Codable {
    public var name: String
    public var dtype: DType
    /// Outermost first; a dimension is `nil` where the file leaves it free, as it does a batch. `nil` altogether
    /// where the file does not even tell how many there are.
    public var dimensions: [Int?]?

    public init(name: String, dtype: DType, dimensions: [Int?]?) {
        self.name = name
        self.dtype = dtype
        self.dimensions = dimensions
    }

    /// The shape, when no dimension is free.
    public var shape: Shape? {
        guard let dimensions else { return nil }
        let known = dimensions.compactMap { $0 }
        return known.count == dimensions.count ? Shape(known) : nil
    }

    /// Whether a tensor of `shape` can be given.
    public func accepts(_ shape: Shape) -> Bool {
        guard let dimensions else { return shape.rank <= COPENVINO_MAXIMUM_RANK }
        return dimensions.count == shape.rank
            && zip(dimensions, shape.dimensions).allSatisfy { expected, given in expected == nil || expected == given }
    }

    /// For people: `[?, 3, 224, 224]`.
    var shapeText: String {
        guard let dimensions else { return "any shape" }
        return "[" + dimensions.map { $0.map(String.init) ?? "?" }.joined(separator: ", ") + "]"
    }
}
