public import BantamGraph

/// An argument or a result of an operator.
///
/// Numbers serve as `int`, `SymInt` and `Scalar`; an argument of type `float` wants a `.double`. Literals stand for
/// numbers, flags, integer lists and absent values:
///
/// ```swift
/// let convolution = ATenOperation("aten::convolution")
/// let y = try convolution(.tensor(x), .tensor(w), nil, [1, 1], [0, 0], [1, 1], false, [0, 0], 1)
/// ```
public enum ATenValue {
    case none
    case tensor(Tensor)
    case int(Int)
    case double(Double)
    case bool(Bool)
    case ints([Int])
    case doubles([Double])
    case bools([Bool])
    case tensors([Tensor])
    case optionalTensors([Tensor?])
    case string(String)
    /// - Precondition: not a four-bit type.
    case dtype(DType)
    case device(Device)
    case memoryFormat(MemoryFormat)
    case generator(RandomGenerator)

    /// The tensor, or `none` when there is none.
    public static func optional(_ tensor: Tensor?) -> ATenValue {
        tensor.map(ATenValue.tensor) ?? .none
    }

    public var tensor: Tensor? {
        if case .tensor(let tensor) = self { tensor } else { nil }
    }

    public var tensors: [Tensor]? {
        if case .tensors(let tensors) = self { tensors } else { nil }
    }

    /// The number, of whatever kind.
    public var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }
}

extension ATenValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral {
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension ATenValue: ExpressibleByArrayLiteral, ExpressibleByNilLiteral {
    public init(arrayLiteral elements: Int...) { self = .ints(elements) }
    public init(nilLiteral: ()) { self = .none }
}

extension ATenValue: CustomStringConvertible {
    public var description: String {
        switch self {
        case .none: "none"
        case .tensor(let tensor): tensor.description
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .ints(let values): "\(values)"
        case .doubles(let values): "\(values)"
        case .bools(let values): "\(values)"
        case .tensors(let tensors): "[" + tensors.map(\.description).joined(separator: ", ") + "]"
        case .optionalTensors(let tensors):
            "[" + tensors.map { $0?.description ?? "none" }.joined(separator: ", ") + "]"
        case .string(let text): "\"\(text)\""
        case .dtype(let dtype): dtype.rawValue
        case .device(let device): device.description
        case .memoryFormat(let format): "\(format)"
        case .generator: "generator"
        }
    }
}
