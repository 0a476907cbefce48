import BantamGraph
import OrderedCollections

/// Which numbers of a weight share a scale: all of an output channel, or groups of its inputs.
///
/// A filter is a row of numbers, inputs and taps alike, that is cut into groups of adjacent ones:
///
/// ```
/// Conv       [O, I, kH, kW]   stored as [O, I·kH·kW], one scale for each `size` numbers of a row
/// Gemm, transB       [O, I]   one scale for each `size` numbers of a row
/// MatMul             [I, O]   one scale for each `size` numbers of a column
/// ConvTranspose [I, O, k..]   one scale for each `size` inputs at one tap
/// ```
struct ScaleGroups: Hashable {
    let shape: Shape
    /// The axis of output channels.
    let channelAxis: Int
    /// How many numbers share a scale; `nil` for all of an output channel.
    let size: Int?

    /// - Precondition: `size` divides ``length(of:channelAxis:)``.
    init(of shape: Shape, channelAxis: Int, size: Int?) {
        precondition(
            shape.rank >= 2 && shape.dimensions.indices.contains(channelAxis), "axis \(channelAxis) of \(shape)")
        let length = Self.length(of: shape, channelAxis: channelAxis)
        precondition(size.map { $0 > 0 && length.isMultiple(of: $0) } ?? true, "groups of \(size ?? 0) in \(shape)")
        self.shape = shape
        self.channelAxis = channelAxis
        self.size = size
    }

    /// The numbers along which groups are cut.
    static func length(of shape: Shape, channelAxis: Int) -> Int {
        channelAxis == 0 ? shape.dimensions[1...].reduce(1, *) : shape[channelAxis - 1]
    }

    // MARK: In the file

    private var isFlattened: Bool { size != nil && channelAxis == 0 && shape.dimensions[2...].contains { $0 > 1 } }
    private var blockAxis: Int { channelAxis == 0 ? 1 : channelAxis - 1 }

    /// The shape of the integers in the file. A filter's rows are only in one piece as a matrix.
    var storedShape: Shape {
        isFlattened ? [shape[0], Self.length(of: shape, channelAxis: 0)] : shape
    }

    /// The shape of the scales, as `DequantizeLinear` takes them.
    var scaleShape: Shape {
        guard let size else { return [shape[channelAxis]] }
        var scales = storedShape
        scales[blockAxis] = storedShape[blockAxis] / size
        return scales
    }

    /// What tells `DequantizeLinear` of the groups.
    var attributes: OrderedDictionary<String, Attribute> {
        guard let size else { return ["axis": .int(channelAxis)] }
        return ["axis": .int(blockAxis), "block_size": .int(size)]
    }

    // MARK: Elements

    /// Adjacent elements, of one group or each of the next one.
    struct Run {
        var range: Range<Int>
        var firstGroup: Int
        var isSpread: Bool

        /// The group of the element at `offset` in the run.
        func group(_ offset: Int) -> Int { isSpread ? firstGroup + offset : firstGroup }
    }

    /// Visits all elements.
    func forEachRun(_ body: (Run) -> Void) {
        let count = shape.elementCount
        guard count > 0 else { return }
        func visit(lengthOfRun: Int, isSpread: Bool, firstGroup: (Int) -> Int) {
            for (number, start) in stride(from: 0, to: count, by: lengthOfRun).enumerated() {
                body(Run(range: start..<start + lengthOfRun, firstGroup: firstGroup(number), isSpread: isSpread))
            }
        }
        if let size, channelAxis == 0 { return visit(lengthOfRun: size, isSpread: false) { $0 } }
        if let size {
            // Rows of what follows the block axis; `size` rows, one below the other, share their scales.
            let (length, inner) = (shape[blockAxis], shape.dimensions[channelAxis...].reduce(1, *))
            return visit(lengthOfRun: inner, isSpread: true) { row in
                (row / length * (length / size) + row % length / size) * inner
            }
        }
        let (channels, inner) = (shape[channelAxis], shape.dimensions[(channelAxis + 1)...].reduce(1, *))
        guard inner == 1 else { return visit(lengthOfRun: inner, isSpread: false) { $0 % channels } }
        visit(lengthOfRun: channels, isSpread: true) { _ in 0 }
    }
}

extension ScaleGroups {
    /// The groups of at most `limit` numbers for a weight, as large as they can be.
    ///
    /// Groups are of one size, so that it divides the row; a row that no useful size divides has one scale.
    ///
    /// - Parameter isProduct: Whether a matrix product reads the weight. OpenVINO 2026.4 keeps such a weight in
    ///   integers and computes nonsense for some sizes of groups (docs/decisions/0019).
    static func fitting(
        _ shape: Shape, channelAxis: Int, atMost limit: Int?, isProduct: Bool
    ) -> ScaleGroups {
        let whole = ScaleGroups(of: shape, channelAxis: channelAxis, size: nil)
        let perChannel = shape.elementCount / max(shape[channelAxis], 1)
        guard let limit, perChannel > limit else { return whole }
        let length = length(of: shape, channelAxis: channelAxis)
        let size = stride(from: min(limit, length), through: max(limit / 4, 1), by: -1).first { size in
            length.isMultiple(of: size) && (!isProduct || isComputedRight(size))
        }
        return size.map { ScaleGroups(of: shape, channelAxis: channelAxis, size: $0) } ?? whole
    }

    private static func isComputedRight(_ size: Int) -> Bool {
        size <= 32 ? size.isMultiple(of: 4) : size.isMultiple(of: 32)
    }
}
