import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamRestructuring

@Suite struct LowRankTests {
    /// A row-major matrix.
    private struct Matrix {
        var rows: Int
        var columns: Int
        var elements: [Float]

        var energy: Double { elements.reduce(0) { $0 + Double($1) * Double($1) } }

        mutating func removeLeadingComponent() -> (left: [Float], right: [Float]) {
            LowRank.removeLeadingComponent(of: &elements, rows: rows, columns: columns)
        }
    }

    /// `sum_i values[i] u_i v_i^T` with orthonormal `u` and `v`: rows of Hadamard matrices, which Sylvester's rule
    /// doubles from `[1]`.
    private func matrix(rows: Int, columns: Int, singularValues: [Float]) -> Matrix {
        func entry(_ row: Int, _ column: Int, of order: Int) -> Float {
            ((row & column).nonzeroBitCount.isMultiple(of: 2) ? 1 : -1) / Float(order).squareRoot()
        }
        var result = Matrix(rows: rows, columns: columns, elements: [Float](repeating: 0, count: rows * columns))
        for (index, value) in singularValues.enumerated() {
            for position in result.elements.indices {
                let (row, column) = (position / columns, position % columns)
                result.elements[position] += value * entry(index, row, of: rows) * entry(index, column, of: columns)
            }
        }
        return result
    }

    @Test(
        arguments: [(4, 4), (8, 4), (4, 16), (32, 8)],
        [[8, 4, 2, 1], [5, 4, 3, 2], [1, 0.5, 0, 0], [3]] as [[Float]])
    func `What k components leave is the tail of the singular values`(shape: (Int, Int), values: [Float]) {
        var rest = matrix(rows: shape.0, columns: shape.1, singularValues: values)
        let scale = Double(values[0] * values[0])
        for (index, value) in values.enumerated() {
            let (left, right) = rest.removeLeadingComponent()
            let tail = values.dropFirst(index + 1).reduce(0.0) { $0 + Double($1) * Double($1) }
            #expect(abs(rest.energy - tail) < 1e-4 * scale)
            // Both factors carry the root of the component's scale.
            for factor in [left, right] {
                #expect(abs(factor.reduce(0) { $0 + $1 * $1 } - value) < 1e-3 * values[0])
            }
        }
    }

    @Test func `A component that the strongest row does not have is found`() {
        // The second column carries 12 of the energy, the first row 9.
        var matrix = Matrix(rows: 4, columns: 2, elements: [3, 0, 0, 2, 0, 2, 0, 2])
        _ = matrix.removeLeadingComponent()
        #expect(abs(matrix.energy - 9) < 1e-3)
    }

    @Test(arguments: [(1, 1), (1, 9), (9, 1), (10, 9), (20, 27), (64, 9)])
    func `Factors and rest add up to the matrix, and as many as its rank exhaust it`(rows: Int, columns: Int) {
        var random = SeededGenerator(seed: 8).stream("\(rows) x \(columns)")
        let original = Matrix(
            rows: rows, columns: columns,
            elements: TensorData.random([rows, columns], from: &random).elements(of: Float.self))
        var rest = original
        var sum = [Float](repeating: 0, count: rows * columns)
        var energy = original.energy
        for _ in 0..<min(rows, columns) {
            let (left, right) = rest.removeLeadingComponent()
            for position in sum.indices { sum[position] += left[position / columns] * right[position % columns] }
            #expect(rest.energy < energy)
            energy = rest.energy
            for (position, element) in original.elements.enumerated() {
                #expect(abs(sum[position] + rest.elements[position] - element) < 1e-5)
            }
        }
        #expect(rest.energy < 1e-4 * original.energy)
    }

    @Test func `Zeros give zeros`() {
        var zeros = Matrix(rows: 3, columns: 2, elements: [Float](repeating: 0, count: 6))
        let (left, right) = zeros.removeLeadingComponent()
        #expect(left == [0, 0, 0] && right == [0, 0] && zeros.energy == 0)
    }
}
