/// Collects the calls of a lowering; each returns a reference to its result, for the calls that follow.
///
/// ```swift
/// var calls = CallSequence()
/// let scaled = calls.append("aten::div", "Tensor", .input(0), .input(1))
/// calls.append("aten::round", scaled)
/// return calls.lowering
/// ```
struct CallSequence {
    private(set) var calls: [ATenCall] = []

    /// - Parameter overload: The schema's overload; none for those that have a single form.
    @discardableResult
    mutating func append(_ name: String, _ overload: Overload = "", _ arguments: ATenArgument...) -> ATenArgument {
        calls.append(ATenCall(name, overload: overload.name, arguments: arguments))
        return .result(calls.count - 1)
    }

    @discardableResult
    mutating func append(_ call: ATenCall) -> ATenArgument {
        calls.append(call)
        return .result(calls.count - 1)
    }

    /// The last call's results are the outputs.
    var lowering: Lowering { Lowering(calls) }

    /// A type of its own, so that a string is never taken for an argument.
    struct Overload: ExpressibleByStringLiteral {
        var name: String
        init(stringLiteral name: String) { self.name = name }
    }
}
