extension TensorData {
    /// The tensor with some of the entries along one axis, in the given order.
    ///
    /// - Parameter indices: Which entries to take; each in `0..<shape[axis]`.
    /// - Complexity: O(elements of the result).
    public func selecting(_ indices: [Int], alongAxis axis: Int) -> TensorData { selecting([axis: indices]) }

    /// The tensor with some of the entries along each of some axes, in one pass.
    ///
    /// - Parameter choices: Which entries to take, by axis; each in `0..<shape[axis]`.
    /// - Complexity: O(elements of the result).
    public func selecting(_ choices: [Int: [Int]]) -> TensorData {
        choices.isEmpty ? self : TensorSelection(self, choices).gathered()
    }
}
