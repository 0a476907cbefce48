import BantamNetwork

extension ArchitectureVariant {
    /// Whether it has few enough parameters for tests that run it. `make conformance` runs them all.
    var isQuick: Bool { (publishedParameters ?? 0) < 4_000_000 }
}
