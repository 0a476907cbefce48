import ArgumentParser
import BantamModel

/// How small a model is to become, as written on the command line: `0.5`, `50%`, `120M`, `2.5MB`, `12ms`.
struct TargetArgument: ExpressibleByArgument {
    var limit: PruningTarget.Limit
    /// The unit that was written, if any.
    var unit: String

    init?(argument: String) {
        let digits = argument.prefix { $0.isNumber || $0 == "." || $0 == "-" }
        guard let number = Double(digits) else { return nil }
        unit = String(argument.dropFirst(digits.count)).trimmingPrefix { $0 == " " }.lowercased()
        switch unit {
        case "" where number <= 1: limit = .fraction(number)
        case "%": limit = .fraction(number / 100)
        case "", "b", "ms": limit = .amount(number)
        case "us": limit = .amount(number / 1e3)
        case "s": limit = .amount(number * 1e3)
        case "k", "kb": limit = .amount(number * 1e3)
        case "m", "mb": limit = .amount(number * 1e6)
        case "g", "gb": limit = .amount(number * 1e9)
        default: return nil
        }
    }

    /// - Throws: `ValidationError` when the unit is not one of the quantity's.
    func target(_ quantity: PruningTarget.Quantity, option: String) throws -> PruningTarget {
        let units: Set<String>
        let example: String
        switch quantity {
        case .macs, .parameters: (units, example) = (["", "%", "k", "m", "g"], "0.5, 50% or 120M")
        case .fileSize: (units, example) = (["", "%", "b", "kb", "mb", "gb"], "0.5, 50% or 2.5MB")
        case .latency: (units, example) = (["%", "us", "ms", "s"], "0.5, 50% or 12ms")
        }
        if unit.isEmpty, case .amount(let amount) = limit, quantity != .latency,
            amount != amount.rounded()
        {
            throw ValidationError(
                "\(option) is a fraction up to 1 or a whole number, not \(amount); it takes \(example).")
        }
        let isFraction = if case .fraction = limit { true } else { false }
        guard units.contains(unit) || unit.isEmpty && isFraction else {
            throw ValidationError("\(option) takes \(example).")
        }
        return PruningTarget(quantity, limit)
    }
}
