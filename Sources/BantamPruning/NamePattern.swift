import BantamGraph
import BantamModel

/// Names of layers as users write them, where `*` stands for anything.
enum NamePattern {
    /// The first pattern that one of the names has.
    static func first(of patterns: [String], matching names: some Sequence<String>) -> String? {
        patterns.first { pattern in names.contains { matches($0[...], pattern[...]) } }
    }

    /// Checks that each pattern is that of a node or a weight: one that is misspelled would protect nothing.
    ///
    /// - Throws: `unknownName`.
    static func requireLayers(_ patterns: [String], in graph: Graph) throws(CompressionError) {
        guard !patterns.isEmpty else { return }
        let names = graph.nodes.values.map(\.name) + graph.constants.keys.map { graph[$0].name }
        for pattern in patterns where first(of: [pattern], matching: names) == nil { throw .unknownLayer(pattern) }
    }

    private static func matches(_ name: Substring, _ pattern: Substring) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            let rest = pattern.dropFirst()
            return matches(name, rest) || !name.isEmpty && matches(name.dropFirst(), pattern)
        }
        return name.first == first && matches(name.dropFirst(), pattern.dropFirst())
    }
}
