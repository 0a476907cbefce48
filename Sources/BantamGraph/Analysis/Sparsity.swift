/// How many of a model's numbers are zero, and whether they lie in a pattern.
public struct Sparsity: Hashable, Sendable {
    /// The fraction of the learned numbers that are zero, 0...1; 0 for a model without any.
    public var zeroFraction: Double
    /// The pattern that every weight has to which it can apply, with at most half of a block kept; `nil` where there is
    /// none.
    public var pattern: SparsityPattern?
    /// How many weights have the pattern.
    public var patternedWeights = 0

    /// The block sizes that are looked for, in this order: those that hardware has.
    private static let blockSizes = [4, 8]

    /// - Throws: what ``ShapeInference`` throws.
    /// - Complexity: O(weights).
    public init(of graph: Graph) throws(GraphError) {
        let constants = graph.learnedConstants(graph.constantUses()).compactMap { value in
            graph.constants[value].map { (value, $0, graph.nonzeroCount(of: value)) }
        }
        let total = constants.reduce(0) { $0 + $1.1.elementCount }
        let nonzero = constants.reduce(0) { $0 + $1.2 }
        zeroFraction = total == 0 ? 0 : 1 - Double(nonzero) / Double(total)
        let axes = try ReductionAxes(of: graph)
        let weights = constants.compactMap { value, data, nonzero -> Weight? in
            guard data.shape.rank >= 2, case .success(let axis) = axes.axis(of: value) else { return nil }
            return Weight(value: value, shape: data.shape, axis: axis, nonzero: nonzero)
        }
        for block in Self.blockSizes {
            let applicable = weights.filter { $0.axis.length % block == 0 }
            guard let kept = Self.mostKept(of: block, in: applicable, of: graph) else { continue }
            pattern = SparsityPattern(kept, of: block)
            patternedWeights = applicable.count
            return
        }
    }

    private struct Weight {
        var value: ValueID
        var shape: Shape
        var axis: ReductionAxis
        var nonzero: Int
    }

    /// The most numbers other than zero in any block of any weight; `nil` where that is over half of them, or none.
    private static func mostKept(of block: Int, in weights: [Weight], of graph: Graph) -> Int? {
        // No need to look for zeros where there are too few.
        guard weights.allSatisfy({ $0.nonzero * 2 <= $0.shape.elementCount }) else { return nil }
        var most = 0
        for weight in weights {
            guard let isNonzero = graph.nonzeroMask(of: weight.value) else { return nil }
            SparsityPattern.forEachBlock(of: block, in: weight.shape, along: weight.axis) { first, stride in
                most = max(most, (0..<block).count { isNonzero[first + $0 * stride] })
            }
            if most > block / 2 { return nil }
        }
        return most == 0 ? nil : most
    }
}

extension Graph {
    /// How many learned numbers (weights, biases, in whatever type they are stored) are not zero.
    ///
    /// - Complexity: O(weights).
    public var nonzeroParameterCount: Int {
        learnedConstants(constantUses()).reduce(0) { sum, value in sum + nonzeroCount(of: value) }
    }
}

extension TensorData {
    /// Elements other than zero. A negative zero is zero.
    var nonzeroCount: Int {
        switch dtype {
        case .float32:
            // Without a copy: this is how `inspect` looks at every weight of a model.
            withUnsafeBytes { bytes in
                (0..<elementCount).count { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) != 0 }
            }
        case .int8, .uint8: withUnsafeBytes { bytes in bytes.count { $0 != 0 } }
        case .float64, .float16, .bfloat16: doubles()?.count { $0 != 0 } ?? 0
        case .int4, .uint4: nonzeroHalfBytes
        default: elementCount
        }
    }

    /// Which elements are not zero; `nil` for types that weights are not kept in.
    var nonzeroMask: [Bool]? {
        switch dtype {
        case .float32: elements(of: Float.self).map { $0 != 0 }
        case .int8, .uint8: withUnsafeBytes { bytes in bytes.map { $0 != 0 } }
        case .float64, .float16, .bfloat16: doubles()?.map { $0 != 0 }
        case .int4, .uint4: unpackingNibbles().withUnsafeBytes { bytes in bytes.map { $0 != 0 } }
        default: nil
        }
    }

    private var nonzeroHalfBytes: Int {
        withUnsafeBytes { bytes in
            (0..<elementCount).count { bytes[$0 / 2] >> ($0.isMultiple(of: 2) ? 0 : 4) & 0xF != 0 }
        }
    }
}
