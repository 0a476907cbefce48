import BantamGraph
import Testing

@Suite struct ShapeTests {
    @Test func `Broadcasting follows the NumPy rule`() {
        #expect(Shape([2, 3, 1]).broadcast(with: [4]) == [2, 3, 4])
        #expect(Shape([2, 1]).broadcast(with: [1, 5]) == [2, 5])
        #expect(Shape.scalar.broadcast(with: [7]) == [7])
        #expect(Shape([2, 3]).broadcast(with: [4]) == nil)
    }

    @Test func `Strides are row-major`() {
        #expect(Shape([2, 3, 4]).strides == [12, 4, 1])
        #expect(Shape.scalar.strides == [])
    }
}
