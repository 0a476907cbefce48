/// The equation of an `Einsum`: for each operand and for the result, which letter names each axis.
///
/// ```
/// bij, bjk -> bik      matrix products; j, which the result lacks, is summed over
/// ...ii -> ...i        the diagonals of matrices
/// ij, jk               the result names the letters that occur once, in alphabetical order
/// ```
struct EinsumEquation {
    /// An axis of an operand: a letter, or the place of an axis that `...` stands for, counted from the last.
    enum Axis: Hashable {
        case letter(Character)
        case unnamed(Int)
    }

    let operands: [[Axis]]
    let result: [Axis]
    /// The extent of each axis.
    let sizes: [Axis: Int]

    /// - Throws: `shapeMismatch` when the equation does not fit the operands.
    init(of node: NodeContext) throws(GraphError) {
        let equation = node.string("equation", default: "").filter { $0 != " " }
        let sides = equation.split(separator: "->", maxSplits: 1, omittingEmptySubsequences: false)
        let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
        guard terms.count == node.inputCount else {
            throw node.mismatch("the equation \(equation) has \(terms.count) operands, not \(node.inputCount)")
        }
        var operands: [[Axis]] = []
        var sizes: [Axis: Int] = [:]
        for (slot, term) in terms.enumerated() {
            let shape = node.inputShape(slot)
            guard let axes = Self.axes(of: term, rank: shape.rank) else {
                throw node.mismatch("the term \(term) of the equation \(equation) does not fit \(shape)")
            }
            for (axis, size) in zip(axes, shape.dimensions) {
                let known = sizes[axis] ?? 1
                guard known == size || known == 1 || size == 1 else {
                    throw node.mismatch("the equation \(equation) gives one name to sizes \(known) and \(size)")
                }
                sizes[axis] = known == 1 ? size : known
            }
            operands.append(axes)
        }
        // Far beyond what can be computed, and small enough to add up.
        guard let count = Shape(sizes.values).checkedElementCount, count < 1 << 56 / max(operands.count, 1) else {
            throw node.mismatch("the axes of the equation \(equation) are too large together")
        }
        self.operands = operands
        self.sizes = sizes
        let unnamed = sizes.keys.compactMap { axis in if case .unnamed(let place) = axis { place } else { nil } }
        let rank = (unnamed.max() ?? -1) + 1
        if sides.count == 2 {
            let letters = sides[1].filter { $0 != "." }.count
            guard let axes = Self.axes(of: sides[1], rank: sides[1].contains(".") ? letters + rank : letters),
                Set(axes).count == axes.count, axes.allSatisfy({ sizes[$0] != nil })
            else { throw node.mismatch("the result of the equation \(equation) names other axes than its operands") }
            result = axes
        } else {
            var counts: [Axis: Int] = [:]
            for axis in operands.joined() { counts[axis, default: 0] += 1 }
            let letters = sides[0].filter { counts[.letter($0)] == 1 }.sorted()
            result = (0..<rank).reversed().map { .unnamed($0) } + letters.map { .letter($0) }
        }
    }

    /// - Returns: `nil` when the term is malformed or names another number of axes.
    private static func axes(of term: Substring, rank: Int) -> [Axis]? {
        let parts = term.split(separator: "...", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.joined().allSatisfy({ $0.isLetter && $0.isASCII }) else { return nil }
        let named = parts.map { part in part.map { Axis.letter($0) } }
        let missing = rank - parts.joined().count
        guard parts.count == 2 ? missing >= 0 : missing == 0 else { return nil }
        return named[0] + (0..<missing).reversed().map { .unnamed($0) } + named.dropFirst().joined()
    }

    var shape: Shape { Shape(result.map { sizes[$0] ?? 1 }) }

    /// The products of one execution: one for each combination of all axes, for each operand after the first.
    var products: Int { sizes.values.reduce(max(operands.count - 1, 1), *) }
}
