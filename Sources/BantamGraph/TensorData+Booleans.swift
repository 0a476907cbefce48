extension TensorData {
    /// Flags as 0 and 1: the bytes of a file may be anything, but a `Bool` that is neither breaks Swift's rules.
    ///
    /// - Complexity: O(elements) for flags; other types are returned as they are.
    public func withValidBooleans() -> TensorData {
        guard dtype == .bool, withUnsafeBytes({ $0.contains { $0 > 1 } }) else { return self }
        return TensorData(shape, withUnsafeBytes { $0.map { $0 != 0 } })
    }
}
