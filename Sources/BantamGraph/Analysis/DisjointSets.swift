/// A partition of `0..<count` that grows coarser: union-find with path halving.
///
/// Each set's root is its smallest element, so that results do not depend on the order of unions.
struct DisjointSets {
    private var parents: [Int32]

    init(count: Int) {
        parents = (0..<Int32(count)).map(\.self)
    }

    /// Adds a set of one element.
    mutating func append() { parents.append(Int32(parents.count)) }

    mutating func root(of element: Int) -> Int {
        var element = Int32(element)
        while parents[Int(element)] != element {
            parents[Int(element)] = parents[Int(parents[Int(element)])]
            element = parents[Int(element)]
        }
        return Int(element)
    }

    /// - Complexity: O(log count), amortized.
    mutating func unite(_ left: Int, _ right: Int) {
        let (left, right) = (root(of: left), root(of: right))
        if left != right { parents[max(left, right)] = Int32(min(left, right)) }
    }
}
