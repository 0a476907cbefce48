extension CallSequence {
    /// The mean of `argument`, `[N, C, ...]`, over all spatial axes.
    ///
    /// The channels go to the end first. The gradient is the same all over an image, so its order in memory is that of
    /// the axes that are averaged here: channels innermost, as networks of convolutions run. Taken over the axes where
    /// they are, it would be row-major, and the operator before this one ten times slower on its way back.
    ///
    /// - Parameter rank: The number of axes of `argument`, with N and C.
    @discardableResult
    mutating func spatialMean(_ argument: ATenArgument, rank: Int, keepingAxes: Bool) -> ATenArgument {
        let moved = append("aten::permute", "", argument, .ints([0] + Array(2..<rank) + [1]))  // [N, ..., C]
        let mean = append("aten::mean", "dim", moved, .ints(Array(1..<rank - 1)), .bool(keepingAxes))
        return keepingAxes ? append("aten::permute", "", mean, .ints([0, rank - 1] + Array(1..<rank - 1))) : mean
    }
}
