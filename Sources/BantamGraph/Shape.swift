/// The extent of a tensor along each of its axes, outermost first.
///
/// A shape is concrete: every dimension is a number. A model whose batch size is free names that axis on its
/// input (``GraphInput/dimensions``) and is analysed at one chosen size.
///
/// ```swift
/// let clip: Shape = [1, 3, 16, 112, 112]  // [N, C, T, H, W]
/// clip.elementCount                       // 602112
/// ```
public struct Shape: Hashable, Sendable {
    public var dimensions: [Int]

    public init(_ dimensions: some Sequence<Int>) {
        self.dimensions = Array(dimensions)
    }

    /// The shape of a tensor with one element and no axes.
    public static let scalar = Shape([])

    public var rank: Int { dimensions.count }

    /// The number of elements; 1 for a scalar.
    public var elementCount: Int { dimensions.reduce(1, *) }

    /// The number of elements, or `nil` when it does not fit an `Int` or a dimension is negative.
    public var checkedElementCount: Int? {
        var count = 1
        for dimension in dimensions {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { return nil }
            count = product
        }
        return count
    }

    public subscript(axis: Int) -> Int {
        get { dimensions[axis] }
        set { dimensions[axis] = newValue }
    }

    /// Row-major strides, in elements.
    public var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * dimensions[axis + 1]
        }
        return strides
    }

    /// The shape both operands are expanded to by the ONNX (NumPy) broadcasting rule.
    ///
    /// - Returns: `nil` when the shapes do not agree.
    public func broadcast(with other: Shape) -> Shape? {
        let rank = Swift.max(self.rank, other.rank)
        var result = [Int](repeating: 1, count: rank)
        for offset in 1...Swift.max(rank, 1) where offset <= rank {
            let left = offset <= self.rank ? dimensions[self.rank - offset] : 1
            let right = offset <= other.rank ? other.dimensions[other.rank - offset] : 1
            guard left == right || left == 1 || right == 1 else { return nil }
            result[rank - offset] = left == 1 ? right : left
        }
        return Shape(result)
    }
}

extension Shape: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: Int...) {
        self.init(elements)
    }
}

extension Shape: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([Int].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(dimensions)
    }
}

extension Shape: CustomStringConvertible {
    public var description: String {
        "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
    }
}
