/// A node's computation as a list of ATen calls, executed in order.
///
/// ```swift
/// [ATenCall("aten::relu", .input(0))]                       // one call: its results are the node's outputs
/// Lowering([pad, convolution])                              // the last call's results are the outputs
/// Lowering([statistics], outputs: [.result(0, 2)])          // a selection of results
/// ```
public struct Lowering: Sendable, Equatable, ExpressibleByArrayLiteral {
    public var calls: [ATenCall]
    /// What each output of the node is; by default result 0, 1, ... of the last call.
    public var outputs: [ATenArgument]?

    public init(_ calls: [ATenCall], outputs: [ATenArgument]? = nil) {
        self.calls = calls
        self.outputs = outputs
    }

    public init(arrayLiteral calls: ATenCall...) {
        self.init(calls)
    }

    /// The output is an argument, unchanged.
    public static func alias(_ argument: ATenArgument) -> Lowering {
        Lowering([], outputs: [argument])
    }
}

/// One call of a function of PyTorch's ATen library, by its schema's name.
public struct ATenCall: Sendable, Equatable {
    /// With its namespace: `"aten::conv2d"`.
    public var name: String
    /// The schema's overload, such as `"Tensor"`; often empty.
    public var overload: String
    /// In the schema's order. Arguments left out take the schema's defaults.
    public var arguments: [ATenArgument]

    public init(_ name: String, overload: String = "", _ arguments: ATenArgument...) {
        self.name = name
        self.overload = overload
        self.arguments = arguments
    }

    public init(_ name: String, overload: String = "", arguments: [ATenArgument]) {
        self.name = name
        self.overload = overload
        self.arguments = arguments
    }
}

/// An argument of an ``ATenCall``.
public indirect enum ATenArgument: Sendable, Equatable {
    /// The tensor in an input slot of the node.
    case input(Int)
    /// Result `output` of an earlier call of the same lowering.
    case result(_ call: Int, _ output: Int = 0)
    /// A tensor made from data, once.
    case constant(TensorData)
    case int(Int)
    case double(Double)
    case bool(Bool)
    case ints([Int])
    case doubles([Double])
    case bools([Bool])
    case tensors([ATenArgument])
    case dtype(DType)
    case string(String)
    case none
}
