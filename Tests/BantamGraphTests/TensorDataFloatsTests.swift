import BantamGraph
import Testing

@Suite struct TensorDataFloatsTests {
    @Test(arguments: [DType.float64, .float32, .float16, .bfloat16])
    func `Numbers that a type can hold survive the way there and back`(dtype: DType) {
        let numbers = [0, -0.5, 1, 3.25, -96, .infinity]
        let tensor = TensorData(TensorType(dtype, [2, 3]), rounding: numbers)
        #expect(tensor.doubles() == numbers)
        #expect(tensor.dtype == dtype)
    }

    @Test func `Rounding to bfloat16 goes to the nearest, ties to even`() {
        // Between 1 and 2 the numbers of this type lie 1/128 apart.
        let numbers: [Double] = [1.00390625, 1.01171875, 1.004, .nan]
        let rounded = TensorData(TensorType(.bfloat16, [4]), rounding: numbers).doubles() ?? []
        #expect(Array(rounded.prefix(3)) == [1.0, 1.015625, 1.0078125])
        #expect(rounded[3].isNaN)
    }

    @Test func `Integers have no floating-point elements`() {
        #expect(TensorData([2], [1, 2] as [Int64]).doubles() == nil)
    }
}
