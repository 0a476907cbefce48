import BantamGraph
import Testing

@Suite struct TensorDataFourBitTests {
    private func packed(_ dtype: DType, _ bytes: [UInt8], count: Int) -> TensorData {
        TensorData(TensorType(dtype, [count]), storage: bytes.withUnsafeBytes { TensorStorage(copying: $0) })
    }

    @Test func `Four-bit integers unpack to a byte each, low half first`() {
        let bytes: [UInt8] = [0x87, 0xF0, 0x0A]
        let unsigned = packed(.uint4, bytes, count: 5).unpackingNibbles()
        #expect(unsigned == TensorData([5], [7, 8, 0, 15, 10] as [UInt8]))
        let signed = packed(.int4, bytes, count: 5).unpackingNibbles()
        #expect(signed == TensorData([5], [7, -8, 0, -1, -6] as [Int8]))
    }

    @Test(arguments: [DType.int4, .uint4], [0, 1, 2, 5]) func `What is packed unpacks again`(dtype: DType, count: Int) {
        let numbers = (0..<count).map { dtype == .int4 ? Int8($0 * 3 - 8) : Int8($0 * 3) }
        let packed = TensorData(TensorType(dtype, [count]), packing: numbers.map { UInt8(bitPattern: $0) })
        #expect(packed.byteCount.bytes == (count + 1) / 2)
        let expected =
            dtype == .int4
            ? TensorData([count], numbers) : TensorData([count], numbers.map { UInt8(bitPattern: $0) })
        #expect(packed.unpackingNibbles() == expected)
        // A half byte without a number is zero, so that files are reproducible.
        if count % 2 == 1 { #expect(packed.withUnsafeBytes { $0[count / 2] } >> 4 == 0) }
    }

    @Test func `Other tensors stay as they are`() {
        let tensor = TensorData([2], [1, 2] as [Float])
        #expect(tensor.unpackingNibbles() == tensor)
    }
}
