import BantamGraph
import Testing

@testable import BantamQuantization

@Suite struct ScaleGroupsTests {
    private struct Case: CustomTestStringConvertible {
        var shape: Shape
        var channelAxis: Int
        var size: Int?
        var testDescription: String { "\(shape), axis \(channelAxis), size \(size ?? 0)" }
    }

    private static let cases = [
        Case(shape: [4, 3, 3, 3], channelAxis: 0), Case(shape: [4, 3, 3, 3], channelAxis: 0, size: 9),
        Case(shape: [4, 6, 1, 1], channelAxis: 0, size: 2), Case(shape: [4, 6], channelAxis: 0, size: 3),
        Case(shape: [4, 6], channelAxis: 0, size: 6), Case(shape: [6, 4], channelAxis: 1),
        Case(shape: [6, 4], channelAxis: 1, size: 2), Case(shape: [3, 6, 4], channelAxis: 2),
        Case(shape: [3, 6, 4], channelAxis: 2, size: 3), Case(shape: [6, 4, 2, 2], channelAxis: 1),
        Case(shape: [6, 4, 2, 2], channelAxis: 1, size: 3), Case(shape: [0, 4], channelAxis: 0),
        Case(shape: [2, 3, 2, 3, 2], channelAxis: 0, size: 4),
    ]

    /// Which scale ONNX's `DequantizeLinear` takes for each element of the stored tensor, by its definition.
    private func expectedGroups(_ groups: ScaleGroups) -> [Int] {
        let stored = groups.storedShape
        guard case .int(let axis)? = groups.attributes["axis"] else { return [] }
        return (0..<stored.elementCount).map { element in
            var (index, rest) = ([Int](repeating: 0, count: stored.rank), element)
            for dimension in stored.dimensions.indices.reversed() {
                index[dimension] = rest % stored[dimension]
                rest /= stored[dimension]
            }
            guard case .int(let block)? = groups.attributes["block_size"] else { return index[axis] }
            index[axis] /= block
            return zip(index, groups.scaleShape.dimensions).reduce(0) { $0 * $1.1 + $1.0 }
        }
    }

    @Test(arguments: cases)
    private func `Elements take the scales that ONNX prescribes`(_ sample: Case) {
        let groups = ScaleGroups(of: sample.shape, channelAxis: sample.channelAxis, size: sample.size)
        #expect(groups.storedShape.elementCount == sample.shape.elementCount)
        var found = [Int](repeating: -1, count: sample.shape.elementCount)
        groups.forEachRun { run in
            for (offset, index) in run.range.enumerated() {
                #expect(found[index] == -1)
                found[index] = run.group(offset)
            }
        }
        #expect(found == expectedGroups(groups))
    }

    @Test func `A filter is stored as a matrix only where its rows are cut`() {
        let cut = ScaleGroups(of: [8, 16, 3, 3], channelAxis: 0, size: 72)
        #expect(cut.storedShape == [8, 144] && cut.scaleShape == [8, 2])
        #expect(cut.attributes == ["axis": .int(1), "block_size": .int(72)])
        let whole = ScaleGroups(of: [8, 16, 3, 3], channelAxis: 0, size: nil)
        #expect(whole.storedShape == [8, 16, 3, 3] && whole.scaleShape == [8])
        #expect(whole.attributes == ["axis": .int(0)])
        let pointwise = ScaleGroups(of: [8, 256, 1, 1], channelAxis: 0, size: 128)
        #expect(pointwise.storedShape == [8, 256, 1, 1] && pointwise.scaleShape == [8, 2, 1, 1])
    }

    @Test(
        arguments: [
            // Rows that fit, and rows that are cut in equal parts.
            (Shape([8, 128]), 0, true, nil), ([8, 256], 0, true, 128), ([8, 192], 0, true, 96),
            ([8, 16, 3, 3], 0, false, 72),
            ([256, 8], 1, true, 128),
            // 1000 = 8 · 125: 125 numbers would suit a convolution, and OpenVINO's products only 20, which is too few.
            ([8, 1000, 1, 1], 0, false, 125), ([8, 1000], 0, true, nil),
            // A prime.
            ([8, 131], 0, true, nil), ([8, 131, 1, 1], 0, false, nil),
            // Inputs of a transposed convolution, each tap by itself.
            ([256, 8, 2, 2], 1, false, 128), ([16, 8, 4, 4], 1, false, nil),
        ] as [(Shape, Int, Bool, Int?)])
    func `Groups are the largest that divide a row`(shape: Shape, axis: Int, isProduct: Bool, size: Int?) {
        #expect(ScaleGroups.fitting(shape, channelAxis: axis, atMost: 128, isProduct: isProduct).size == size)
    }

    @Test(arguments: 8...300) func `A matrix product gets no groups that OpenVINO computes wrongly`(limit: Int) {
        for length in [96, 120, 144, 250, 1000, 2048] {
            let groups = ScaleGroups.fitting([4, length], channelAxis: 0, atMost: limit, isProduct: true)
            guard let size = groups.size else { continue }
            #expect(size <= limit && length.isMultiple(of: size) && size >= limit / 4)
            #expect(size <= 32 ? size.isMultiple(of: 4) : size.isMultiple(of: 32), "\(size) of \(length)")
        }
    }
}
