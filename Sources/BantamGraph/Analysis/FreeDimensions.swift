import OrderedCollections

/// How sizes inside a graph follow the free dimensions of its inputs.
///
/// Operators see numbers only. To learn which sizes depend on the batch, shapes are inferred twice with different
/// numbers for each free dimension: what differs between the two depends on one, and what is the same does not.
///
/// ```swift
/// let free = try FreeDimensions(of: graph)
/// free.sizes(of: logits)  // [.free("N"), .fixed(10)]
/// ```
public struct FreeDimensions: Sendable {
    /// The extent of an axis in terms of the free dimensions.
    public enum Size: Hashable, Sendable {
        case fixed(Int)
        /// A multiple of one free dimension; mostly 1 times the batch.
        case multiple(Int, of: String)
        /// Another expression of them.
        case computed

        public static func free(_ name: String) -> Size { .multiple(1, of: name) }
    }

    /// The types under the first of the two numbers; element types hold for any.
    public let first: ShapeInference
    let second: ShapeInference
    private let bindings: [(name: String, first: Int, second: Int)]

    /// A model that does not take the batches that are tried, but does take one sample, is taken to accept nothing
    /// else: its batch is then no free dimension. Where it does not take the heights, widths or lengths that are tried,
    /// two sizes that it does take, one of ``ShapeInference/usualSizes`` and another one of them, its double or the
    /// next number, stand in for one of them; where it takes only one, that is no free dimension either.
    ///
    /// - Throws: the first violation found by ``ShapeInference``, as when the model only works for one size.
    /// - Complexity: that of two shape inferences; of some tens where sizes are refused.
    public init(of graph: Graph) throws(GraphError) {
        let names = OrderedSet(graph.inputs.flatMap(\.dimensions).compactMap(\.name))
        let all = Self.bindings(for: Array(names))
        do throws(GraphError) {
            try self.init(of: graph, all)
        } catch {
            let batches = graph.batchNames
            let single = all.map { batches.contains($0.name) ? ($0.name, 1, 1) : $0 }
            let open = names.subtracting(batches)
            var free = batches.isEmpty ? nil : try? Self(of: graph, single)
            for bindings in batches.isEmpty ? [all] : [all, single] where free == nil {
                free = Self.atUsualSizes(ofOneOf: open, of: graph, bindings)
            }
            guard let free else { throw error }
            self = free
        }
    }

    /// With one of the dimensions at sizes that the model takes; `nil` where there are none.
    private static func atUsualSizes(
        ofOneOf names: OrderedSet<String>, of graph: Graph, _ bindings: [(name: String, first: Int, second: Int)]
    ) -> FreeDimensions? {
        for name in names {
            func free(at first: Int, _ second: Int) -> FreeDimensions? {
                try? Self(of: graph, bindings.map { $0.name == name ? (name, first, second) : $0 })
            }
            let accepted = ShapeInference.usualSizes.filter { free(at: $0, $0) != nil }
            guard let first = accepted.first else { continue }
            for second in accepted.dropFirst().reversed() + [2 * first, first + 1, first] {
                if let free = free(at: first, second) { return free }
            }
        }
        return nil
    }

    private init(of graph: Graph, _ bindings: [(name: String, first: Int, second: Int)]) throws(GraphError) {
        self.bindings = bindings
        first = try ShapeInference(
            of: graph, sizes: Dictionary(uniqueKeysWithValues: bindings.map { ($0.name, $0.first) }))
        second =
            bindings.allSatisfy { $0.first == $0.second }
            ? first
            : try ShapeInference(
                of: graph, sizes: Dictionary(uniqueKeysWithValues: bindings.map { ($0.name, $0.second) }))
    }

    /// The extent of each axis of `value`, or `nil` when its type is not known.
    public func sizes(of value: ValueID) -> [Size]? {
        guard let first = first[value]?.shape.dimensions, let second = second[value]?.shape.dimensions,
            first.count == second.count
        else { return nil }
        return zip(first, second).map(size)
    }

    /// What a size is that is `first` under the first numbers and `second` under the second.
    func size(_ first: Int, _ second: Int) -> Size {
        if first == second { return .fixed(first) }
        for binding in bindings where first % binding.first == 0 && second % binding.second == 0 {
            let factor = first / binding.first
            if factor == second / binding.second { return .multiple(factor, of: binding.name) }
        }
        return .computed
    }

    /// Multiples of 32, which models that halve an image five times accept, by distinct primes.
    private static func bindings(for names: [String]) -> [(name: String, first: Int, second: Int)] {
        var primes: [Int] = []
        var candidate = 2
        while primes.count < 2 * names.count {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return names.enumerated().map { ($1, 32 * primes[2 * $0], 32 * primes[2 * $0 + 1]) }
    }
}

extension FreeDimensions.Size: CustomStringConvertible {
    /// `"10"`, `"N"`, `"16*N"`, or `"?"`.
    public var description: String {
        switch self {
        case .fixed(let size): "\(size)"
        case .multiple(1, of: let name): name
        case .multiple(let factor, of: let name): "\(factor)*\(name)"
        case .computed: "?"
        }
    }
}
