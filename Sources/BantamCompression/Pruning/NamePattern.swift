/// Names of layers as users write them, where `*` stands for anything.
enum NamePattern {
    /// The first pattern that one of the names has.
    static func first(of patterns: [String], matching names: some Sequence<String>) -> String? {
        patterns.first { pattern in names.contains { matches($0[...], pattern[...]) } }
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
