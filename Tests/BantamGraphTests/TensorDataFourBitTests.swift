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

    @Test func `Other tensors stay as they are`() {
        let tensor = TensorData([2], [1, 2] as [Float])
        #expect(tensor.unpackingNibbles() == tensor)
    }
}
