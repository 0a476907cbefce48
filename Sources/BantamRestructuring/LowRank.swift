import BantamGraph

/// Approximation of small matrices by fewer numbers.
enum LowRank {
    /// Splits the strongest component off a matrix: `matrix = left right^T + rest`.
    ///
    /// Power iteration; the component's scale is shared evenly between both factors. A matrix of zeros gives zeros.
    ///
    /// - Parameters:
    ///   - matrix: Row-major, `rows x columns`; replaced by the rest.
    /// - Returns: The factors, of `rows` and of `columns` numbers.
    static func removeLeadingComponent(
        of matrix: inout [Float], rows: Int, columns: Int
    ) -> (left: [Float], right: [Float]) {
        // Any row may be orthogonal to the leading component; a random direction is so with probability zero.
        var generator = SeededGenerator(seed: 0)
        var right = (0..<columns).map { _ in generator.normal() }
        var left = [Float](repeating: 0, count: rows)
        var scale: Float = 0
        for _ in 0..<100 {
            normalize(&right)
            for row in 0..<rows {
                left[row] = (0..<columns).reduce(0) { $0 + matrix[row * columns + $1] * right[$1] }
            }
            let previous = scale
            scale = normalize(&left)
            for column in 0..<columns {
                right[column] = (0..<rows).reduce(0) { $0 + matrix[$1 * columns + column] * left[$1] }
            }
            if abs(scale - previous) <= 1e-6 * scale { break }
        }
        // `right` now carries the whole scale.
        for row in 0..<rows {
            for column in 0..<columns { matrix[row * columns + column] -= left[row] * right[column] }
        }
        let share = scale.squareRoot()
        guard share > 0 else { return (left, right) }
        return (left.map { $0 * share }, right.map { $0 / share })
    }

    @discardableResult
    private static func normalize(_ vector: inout [Float]) -> Float {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { return 0 }
        for index in vector.indices { vector[index] /= length }
        return length
    }
}
