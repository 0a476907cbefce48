import BantamGraph
import BantamTensor
import Testing

@Suite struct DeviceTests {
    @Test func `Devices are read from text and written back`() {
        for text in ["cpu", "cuda:0", "cuda:3"] { #expect(Device(text)?.description == text) }
        #expect(Device("cuda") == .cuda(0))
        for text in ["", "gpu", "cpu:0", "cuda:", "cuda:-1", "cuda:x", "cuda:1:2", "cuda:1000"] {
            #expect(Device(text) == nil, "\(text)")
        }
    }

    @Test func `The CPU is always there`() throws {
        #expect(try Device.count(of: .cpu) == 1)
        try Device.cpu.activate()
        let tensor = try Tensor.zeros([1], device: .cpu)
        #expect(tensor.device == .cpu)
        #expect(try tensor.moved(to: .cpu) === tensor)
    }

    /// On a machine with CUDA this computes there; elsewhere it checks that its absence is an error to act on.
    @Test func `CUDA computes or is reported as missing`() throws {
        do throws(TorchError) {
            guard try Device.count(of: .cuda) > 0 else { return }
            let tensor = try Tensor(TensorData([2], [1, 2] as [Float]), device: .cuda())
            #expect(tensor.device == .cuda(0))
            #expect(try tensor.adding(tensor).data().elements(of: Float.self) == [2, 4])
            #expect(try MemoryMeter(.cuda()).read().current > .zero)
        } catch {
            #expect(error.code == .missingLibrary)
            #expect(error.message.contains("cuda"))
        }
    }
}
