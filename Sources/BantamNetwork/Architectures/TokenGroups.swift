public import BantamGraph

/// Which tokens of a clip see one another: groups of equal size, each a list of tokens.
///
/// Tokens are counted along the clip's axes, the last one fastest.
public struct TokenGroups: Hashable, Sendable {
    /// Tokens in each group, with those that only fill it up.
    public let size: Int
    /// Group after group; `nil` fills a group up.
    public let tokens: [Int?]
    /// For each place in ``tokens``, the part of its group that it belongs to: only tokens of one part see one
    /// another. Empty where every group is one part.
    private let parts: [Int]

    public var count: Int { tokens.count / size }

    /// Whether the groups list all tokens in their order.
    public var isInOrder: Bool { tokens == Array(0..<tokens.count) }

    /// For each token, its place in ``tokens``.
    public var places: [Int] {
        let places = tokens.indices.filter { tokens[$0] != nil }
        return places.sorted { (tokens[$0] ?? 0) < (tokens[$1] ?? 0) }
    }

    /// All tokens along some of the axes, such as all moments at one place.
    ///
    /// - Parameter grid: The sizes of the axes.
    public init(along axes: [Int], of grid: [Int]) {
        let strides = Shape(grid).strides
        func positions(_ axes: [Int]) -> [Int] {
            axes.reduce([0]) { list, axis in list.flatMap { base in (0..<grid[axis]).map { base + $0 * strides[axis] } }
            }
        }
        let inner = positions(axes)
        let outer = positions(grid.indices.filter { !axes.contains($0) })
        size = inner.count
        tokens = outer.flatMap { base in inner.map { base + $0 } }
        parts = []
    }

    /// Boxes next to one another.
    ///
    /// Where boxes are shifted, what falls off at the beginning of an axis shares a box with what is left at its end,
    /// in a part of its own: Liu et al., *Video Swin Transformer*, CVPR 2022. Boxes that reach beyond the grid are
    /// filled up.
    ///
    /// - Parameters:
    ///   - window: The size of a box; axes that are shorter have one box.
    ///   - isShifted: Whether boxes begin at the middle of where they would otherwise.
    ///   - grid: The sizes of the axes.
    public init(windows window: [Int], isShifted: Bool, of grid: [Int]) {
        let axes = zip(grid, window).map {
            WindowedAxis(extent: $0, window: min($0, $1), isShifted: isShifted && $0 > $1)
        }
        func combine(_ lists: [[WindowedAxis.Place]]) -> [WindowedAxis.Place] {
            zip(lists, grid).reduce([WindowedAxis.Place(token: 0, part: 0)]) { places, next in
                places.flatMap { outer in
                    next.0.map { inner in
                        let token = outer.token.flatMap { base in inner.token.map { base * next.1 + $0 } }
                        return WindowedAxis.Place(token: token, part: outer.part * 2 + inner.part)
                    }
                }
            }
        }
        let boxes = axes.reduce([[]] as [[[WindowedAxis.Place]]]) { boxes, axis in
            boxes.flatMap { box in axis.windows.map { box + [$0] } }
        }
        let places = boxes.flatMap(combine)
        size = axes.reduce(1) { $0 * $1.window }
        tokens = places.map(\.token)
        let isWhole = places.allSatisfy { $0.part == 0 && $0.token != nil }
        parts = isWhole ? [] : places.map { $0.token == nil ? -1 : $0.part }
    }

    /// Which tokens see which, `[G, 1, S, S]`; `nil` where all of a group do.
    public var mask: TensorData? {
        guard !parts.isEmpty else { return nil }
        let sees = (0..<count).flatMap { group in
            let parts = parts[group * size..<(group + 1) * size]
            return parts.flatMap { part in parts.map { $0 == part } }
        }
        return TensorData([count, 1, size, size], sees)
    }
}

/// One axis of a grid, cut into windows.
private struct WindowedAxis {
    /// A place in a window: its index along the axis, if it has one, and whether it has come round from the other end.
    struct Place {
        var token: Int?
        var part: Int
    }

    var extent: Int
    var window: Int
    var isShifted: Bool

    var windows: [[Place]] {
        let padded = (extent + window - 1) / window * window
        let shift = isShifted ? window / 2 : 0
        return stride(from: 0, to: padded, by: window).map { start in
            (start..<start + window).map { position in
                let index = (position + shift) % padded
                return Place(token: index < extent ? index : nil, part: position + shift < padded ? 0 : 1)
            }
        }
    }
}
