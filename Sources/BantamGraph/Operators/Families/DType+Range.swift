extension DType {
    /// The range of the integers that QDQ stores; `nil` for other types.
    var quantizedRange: ClosedRange<Int>? {
        switch self {
        case .int4: -8...7
        case .uint4: 0...15
        case .int8: -128...127
        case .uint8: 0...255
        case .int16: -32_768...32_767
        case .uint16: 0...65_535
        default: nil
        }
    }

    /// The numbers that lose against all others as maximum and as minimum; `nil` for types without arithmetic.
    var extremes: (lowest: ATenArgument, highest: ATenArgument)? {
        if let range = quantizedRange { return (.int(range.lowerBound), .int(range.upperBound)) }
        switch self {
        case .int32: return (.int(Int(Int32.min)), .int(Int(Int32.max)))
        case .int64: return (.int(Int.min), .int(Int.max))
        case .uint32: return (.int(0), .int(Int(UInt32.max)))
        case .bool: return (.bool(false), .bool(true))
        case _ where isFloatingPoint: return (.double(-.infinity), .double(.infinity))
        default: return nil
        }
    }

    /// The type that holds these numbers while the model runs: 4-bit ones take a byte each.
    var computed: DType {
        switch self {
        case .int4: .int8
        case .uint4: .uint8
        default: self
        }
    }
}
