import BantamGraph
import BantamNetwork
import Testing

@Suite struct TokenGroupsTests {
    /// For each token, those that it sees.
    private func sight(_ groups: TokenGroups) -> [Int: Set<Int>] {
        let mask = groups.mask?.elements(of: Bool.self)
        let size = groups.size
        var sight: [Int: Set<Int>] = [:]
        for group in 0..<groups.count {
            for (row, column) in (0..<size).flatMap({ row in (0..<size).map { (row, $0) } }) {
                guard let token = groups.tokens[group * size + row], let other = groups.tokens[group * size + column],
                    mask?[(group * size + row) * size + column] ?? true
                else { continue }
                sight[token, default: []].insert(other)
            }
        }
        return sight
    }

    /// By definition: tokens that agree in `key` see one another.
    private func sight(_ grid: [Int], by key: ([Int]) -> [Int]) -> [Int: Set<Int>] {
        let strides = Shape(grid).strides
        let tokens = 0..<Shape(grid).elementCount
        let keys = tokens.map { token in key(zip(grid, strides).map { token / $1 % $0 }) }
        return Dictionary(
            uniqueKeysWithValues: tokens.map { token in (token, Set(tokens.filter { keys[$0] == keys[token] })) })
    }

    @Test(arguments: [[0], [1], [2], [1, 2], [0, 1, 2]]) func `Along axes, tokens agree in the others`(
        _ axes: [Int]
    ) {
        let grid = [3, 4, 5]
        let groups = TokenGroups(along: axes, of: grid)
        #expect(
            sight(groups)
                == sight(grid) { position in position.indices.map { axes.contains($0) ? 0 : position[$0] } })
        #expect(groups.mask == nil)
        #expect(groups.isInOrder == ([[2], [1, 2], [0, 1, 2]].contains(axes)))
        #expect(groups.places.map { groups.tokens[$0] } == Array(0..<60))
    }

    @Test(arguments: [[4, 4, 4], [4, 8, 2], [5, 6, 7], [1, 9, 3], [3, 3]], [false, true])
    func `In windows, tokens agree in their box`(_ grid: [Int], _ isShifted: Bool) {
        let window = grid.map { _ in 4 }
        let groups = TokenGroups(windows: window, isShifted: isShifted, of: grid)
        let expected = sight(grid) { position in
            zip(position, grid).map { index, extent in extent <= 4 ? 0 : (index + (isShifted ? 2 : 0)) / 4 }
        }
        #expect(sight(groups) == expected)
        #expect(groups.places.map { groups.tokens[$0] } == Array(0..<Shape(grid).elementCount))
        let isWhole = zip(grid, window).allSatisfy { $0 <= $1 || ($0.isMultiple(of: $1) && !isShifted) }
        #expect((groups.mask == nil) == isWhole)
    }

    @Test func `Shifted windows are no more than those that are not`() {
        let straight = TokenGroups(windows: [4, 4, 4], isShifted: false, of: [8, 8, 8])
        let shifted = TokenGroups(windows: [4, 4, 4], isShifted: true, of: [8, 8, 8])
        #expect(straight.count == 8)
        #expect(shifted.count == 8)
        #expect(shifted.mask?.shape == [8, 1, 64, 64])
    }
}
