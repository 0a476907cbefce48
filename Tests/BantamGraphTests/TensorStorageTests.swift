import BantamGraph
import Testing

@Suite struct TensorStorageTests {
    @Test func `Memory that the system does not have is an error with its size`() {
        // More than any address space, and less than what overflows.
        let type = TensorType(.float32, [1 << 30, 1 << 20])
        let error = #expect(throws: GraphError.self) { try TensorData(allocating: type) }
        #expect(error?.code == .outOfMemory)
        #expect(error?.message.contains("4096.0 TiB") == true)
        let overflow = #expect(throws: GraphError.self) {
            try TensorData(allocating: TensorType(.float32, [1 << 40, 1 << 40]))
        }
        #expect(overflow?.code == .shapeMismatch)
    }

    @Test func `What is allocated is zero, and nothing can be allocated too`() throws {
        #expect(
            try TensorData(allocating: TensorType(.float32, [2, 3])).elements(of: Float.self) == [0, 0, 0, 0, 0, 0])
        #expect(try TensorData(allocating: TensorType(.float32, [0, 3])).elementCount == 0)
    }

    @Test func `Without memory for zeros the process ends with a message`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = TensorData(zeros: TensorType(.float32, [1 << 30, 1 << 20]))
        }
        let text = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
        #expect(text.contains("There is no memory for a tensor of 4096.0 TiB"))
    }
}
