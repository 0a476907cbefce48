import BantamGraph
import Testing

/// How channels travel through the operators that name axes or address elements.
@Suite struct IndexingFlowTests {
    private func einsum(_ equation: String, _ shapes: [Shape]) throws -> Set<AxisLink> {
        try SingleNode("Einsum", shapes.map { .random($0, in: 0...1) }, ["equation": .string(equation)]).links()
    }

    @Test func `Axes that an equation gives one name are one`() throws {
        #expect(
            try einsum("bij, bjk -> bik", [[2, 3, 4], [2, 4, 5]]) == [
                AxisLink(.input(0, axis: 0), .input(1, axis: 0)),
                AxisLink(.input(0, axis: 2), .input(1, axis: 1)),
                AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
                AxisLink(.input(0, axis: 1), .output(0, axis: 1)),
                AxisLink(.input(1, axis: 2), .output(0, axis: 2)),
            ])
        #expect(try einsum("ii->i", [[3, 3]]).contains(AxisLink(.input(0, axis: 0), .input(0, axis: 1))))
    }

    @Test func `Axes that an equation leaves unnamed are counted from the last`() throws {
        let links = try einsum("...j,jk->...k", [[2, 3, 4], [4, 5]])
        #expect(links.contains(AxisLink(.input(0, axis: 0), .output(0, axis: 0))))
        #expect(links.contains(AxisLink(.input(0, axis: 1), .output(0, axis: 1))))
        // An axis of 1 that broadcasts is no channel.
        #expect(
            try einsum("...i,...i->...i", [[1, 4], [3, 4]]).contains { $0.source == .input(0, axis: 0) } == false)
    }

    @Test func `Slices that are gathered keep what is inside them`() throws {
        let rows = OperatorExample.Input.data(TensorData([2, 1], [0, 2] as [Int64]))
        #expect(
            try SingleNode("GatherND", [[3, 4, 5], rows]).links() == [
                AxisLink(.input(1, axis: 0), .output(0, axis: 0)),
                AxisLink(.input(0, axis: 1), .output(0, axis: 1)),
                AxisLink(.input(0, axis: 2), .output(0, axis: 2)),
            ])
        #expect(
            try SingleNode("ScatterND", [[3, 4, 5], rows, [2, 4, 5]]).links() == [
                AxisLink(.input(0, axis: 1), .output(0, axis: 1)),
                AxisLink(.input(2, axis: 1), .output(0, axis: 1)),
                AxisLink(.input(0, axis: 2), .output(0, axis: 2)),
                AxisLink(.input(2, axis: 2), .output(0, axis: 2)),
            ])
    }

    @Test func `Single elements are gathered along one axis, and the others stay where all are taken`() throws {
        let indices = OperatorExample.Input.data(TensorData([2, 4], [Int64](repeating: 0, count: 8)))
        #expect(
            try SingleNode("GatherElements", [[3, 4], indices]).links() == [
                AxisLink(.input(0, axis: 1), .output(0, axis: 1)), AxisLink(.input(1, axis: 1), .output(0, axis: 1)),
            ])
    }

    @Test func `A new axis of places moves those behind it`() throws {
        let links = try SingleNode(
            "OneHot", [.data(TensorData([2, 3], [Int64](repeating: 1, count: 6))), .int(4), [2]], ["axis": .int(1)]
        ).links()
        #expect(
            links == [
                AxisLink(.input(0, axis: 0), .output(0, axis: 0)), AxisLink(.input(0, axis: 1), .output(0, axis: 2)),
            ])
    }

    @Test func `Sampling keeps channels, and places go with the grid`() throws {
        let links = try SingleNode("GridSample", [[2, 3, 4, 5], [2, 6, 7, 2]]).links()
        #expect(links.contains(AxisLink(.input(0, axis: 1), .output(0, axis: 1))))
        #expect(links.contains(AxisLink(.input(1, axis: 2), .output(0, axis: 3))))
    }

    @Test func `Blocks put together give back channels`() throws {
        #expect(
            try SingleNode("Col2Im", [[1, 12, 9], .ints([6, 6]), .ints([2, 2])], ["strides": .ints([2, 2])]).links()
                == [
                    AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
                    AxisLink(.output(0, axis: 1), .input(0, axis: 1), .blocks(size: 4)),
                ])
    }
}
