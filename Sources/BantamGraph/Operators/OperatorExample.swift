public import OrderedCollections

/// A sample application of an operator, which the conformance suite checks from every side.
public struct OperatorExample: Sendable {
    public enum Input: Sendable {
        /// Random numbers; the seed follows from the example, so that reference values can be stored.
        case random(Shape, in: ClosedRange<Float>)
        /// A constant of the model: a weight or a setting.
        case constant(TensorData)
        /// Given data that the caller supplies.
        case data(TensorData)
        /// A weight of random numbers.
        case weight(Shape)
        case absent
    }

    public var inputs: [Input]
    public var attributes: OrderedDictionary<String, Attribute>
    public var outputCount: Int

    public init(
        _ inputs: [Input], attributes: OrderedDictionary<String, Attribute> = [:], outputCount: Int = 1
    ) {
        self.inputs = inputs
        self.attributes = attributes
        self.outputCount = outputCount
    }
}

extension OperatorExample.Input: ExpressibleByArrayLiteral {
    /// Random numbers between -1 and 1 of this shape.
    public init(arrayLiteral dimensions: Int...) {
        self = .random(Shape(dimensions), in: -1...1)
    }

    /// A constant list of numbers, such as the target of a `Reshape`.
    public static func ints(_ numbers: [Int]) -> Self {
        .constant(TensorData([numbers.count], numbers.map(Int64.init)))
    }
}
