import BantamGraph
import BantamONNX
import BantamTestSupport
import Testing

@Suite struct `Reading a file of one tensor` {
    /// `TensorProto`: dims 1, data_type 2, float_data 4 (packed), raw_data 9.
    @Test func `Raw and typed data read the same`() throws {
        let folder = try TemporaryFolder()
        let expected = TensorData([2], [1, -2] as [Float])
        let numbers: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
        for field: [UInt8] in [[0x22, 8], [0x4A, 8]] {
            let path = try folder.write([0x08, 2, 0x10, 1] + field + numbers, to: "t.pb")
            #expect(try ONNXTensorFile.read(path) == expected)
        }
    }

    @Test(
        arguments: [
            ([0x08, 2, 0x10, 8], .unsupportedType),  // strings
            ([0x08, 2, 0x10, 1, 0x4A, 1, 0], .dataSizeMismatch), ([0x08], .corrupt),
        ] as [([UInt8], ONNXErrorCode)])
    func `What is wrong is said, with the file`(_ bytes: [UInt8], _ code: ONNXErrorCode) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(bytes, to: "t.pb")
        let error = #expect(throws: ONNXError.self) { try ONNXTensorFile.read(path) }
        #expect(error?.code == code)
        #expect(error?.location?.file == path)
    }
}
