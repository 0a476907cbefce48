/// A partition of `0..<count` that grows coarser: union-find with path halving.
///
/// Each set's root is its smallest element, so that results do not depend on the order of unions.
package struct DisjointSets: Sendable {
    private var parents: [Int32]

    package init(count: Int) {
        parents = (0..<Int32(count)).map(\.self)
    }

    /// Adds a set of one element.
    mutating func append() { parents.append(Int32(parents.count)) }

    package mutating func root(of element: Int) -> Int {
        var element = Int32(element)
        while parents[Int(element)] != element {
            parents[Int(element)] = parents[Int(parents[Int(element)])]
            element = parents[Int(element)]
        }
        return Int(element)
    }

    /// - Complexity: O(log count), amortized.
    package mutating func unite(_ left: Int, _ right: Int) {
        let (left, right) = (root(of: left), root(of: right))
        if left != right { parents[max(left, right)] = Int32(min(left, right)) }
    }

    /// Unites what a link says corresponds: `count` elements from `source` on and `targetCount` from `target` on.
    package mutating func unite(
        along mapping: AxisLink.Mapping, from source: Int, count: Int, to target: Int, count targetCount: Int
    ) {
        for index in 0..<count {
            switch mapping {
            case .same: unite(source + index, target + index)
            case .offset(let offset): unite(source + index, target + index + offset)
            case .modulo(let modulus): unite(source + index, target + index % modulus)
            case .blocks(let size):
                for position in index * size..<(index + 1) * size { unite(source + index, target + position) }
            case .digit(let digits, let sourceStride, let targetStride):
                let first = index / sourceStride % digits * sourceStride
                unite(source + first, source + index)
                guard index == first else { continue }
                // The first index with each digit meets all that have it on the other side.
                let digit = index / sourceStride
                for outer in stride(from: 0, to: targetCount, by: digits * targetStride) {
                    for inner in 0..<targetStride {
                        unite(source + index, target + outer + digit * targetStride + inner)
                    }
                }
            }
        }
    }
}
