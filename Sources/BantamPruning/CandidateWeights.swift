import BantamGraph

/// The elements of one weight that may become zero: all, or with a pattern those that are not among the largest of their
/// block.
struct CandidateWeights {
    let name: String
    /// All elements, candidates or not.
    let count: Int
    /// Of the candidates, in order.
    let magnitudes: [Float]
    /// Those that are zero without being candidates.
    let otherZeros: Int
    /// The sum of the squares of those that are no candidates.
    private let otherSquares: Double
    let isFinite: Bool
    /// Where the candidates are, ascending; `nil` for everywhere.
    private let positions: [Int]?

    init(_ weight: PrunableWeights.Weight, of graph: Graph, _ pattern: SparsityPattern?) {
        name = graph[weight.value].name
        let all = graph.constants[weight.value]?.elements(of: Float.self).map(abs) ?? []
        count = all.count
        isFinite = all.allSatisfy(\.isFinite)
        guard let pattern, let axis = weight.axis else {
            (magnitudes, otherZeros, otherSquares, positions) = (all, 0, 0, nil)
            return
        }
        let isKept = Self.largest(of: all, weight.shape, axis, pattern)
        let positions = isKept.indices.filter { !isKept[$0] }
        self.positions = positions
        magnitudes = positions.map { all[$0] }
        otherZeros = all.indices.count { isKept[$0] && all[$0] == 0 }
        otherSquares = all.indices.reduce(0) { isKept[$1] ? $0 + Double(all[$1]) * Double(all[$1]) : $0 }
    }

    /// The square of each candidate as a share of its own and those of what would be left of the weight without it and all
    /// smaller ones, from the smallest candidate to the largest.
    var shares: [Float] {
        var rest = otherSquares
        let descending = magnitudes.sorted(by: >).map { magnitude -> Float in
            let square = Double(magnitude) * Double(magnitude)
            rest += square
            return rest > 0 ? Float(square / rest) : 0
        }
        return descending.reversed()
    }

    /// The elements that go, given how many are zero afterwards.
    func indices(below threshold: Float, zeros: Int) -> [Int] {
        var ties = EvenChoice.ties(in: magnitudes, at: threshold, choosing: zeros - otherZeros)
        let chosen = magnitudes.indices.filter {
            magnitudes[$0] < threshold || magnitudes[$0] == threshold && ties.next()
        }
        return positions.map { positions in chosen.map { positions[$0] } } ?? Array(chosen)
    }

    /// Which elements are among the largest of their block; of equals the earlier.
    private static func largest(
        of magnitudes: [Float], _ shape: Shape, _ axis: ReductionAxis, _ pattern: SparsityPattern
    ) -> [Bool] {
        var isKept = [Bool](repeating: false, count: magnitudes.count)
        pattern.forEachBlock(of: shape, along: axis) { first, stride in
            for place in 0..<pattern.block {
                let magnitude = magnitudes[first + place * stride]
                var larger = 0
                for other in 0..<pattern.block {
                    let rival = magnitudes[first + other * stride]
                    if rival > magnitude || rival == magnitude && other < place { larger += 1 }
                }
                isKept[first + place * stride] = larger < pattern.kept
            }
        }
        return isKept
    }
}

extension EvenChoice {
    /// Which of the numbers that lie at the threshold are chosen: quantized or pruned models have many of one magnitude.
    ///
    /// - Parameter count: How many are chosen in all, those below the threshold among them.
    static func ties(in magnitudes: [Float], at threshold: Float, choosing count: Int) -> EvenChoice {
        let ties = magnitudes.count { $0 == threshold }
        // What is zero already stays so.
        if threshold == 0 { return EvenChoice(ties, of: ties) }
        return EvenChoice(count - magnitudes.count { $0 < threshold }, of: ties)
    }
}
