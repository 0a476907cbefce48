import BantamGraph
import BantamTensor
import Testing

@Suite struct TorchErrorTests {
    private func error(_ body: () throws -> Void) throws -> TorchError {
        try #require(#expect(throws: TorchError.self, performing: body))
    }

    @Test func `An unknown operator is named in the error`() throws {
        let error = try error { try ATenOperation("aten::no_such_thing", "Tensor")() }
        #expect(error.code == .unknownOperator)
        #expect(error.message.contains("aten::no_such_thing.Tensor"))
    }

    @Test func `A wrong type, a missing and a superfluous argument do not fit the schema`() throws {
        let relu = ATenOperation("aten::relu")
        let one = try Tensor(scalar: Float(1))
        #expect(try error { try relu(.string("one")) }.code == .invalidArgument)
        #expect(try error { try relu() }.code == .invalidArgument)
        #expect(try error { try relu(.tensor(one), .tensor(one)) }.code == .invalidArgument)
        let message = try error { try ATenOperation("aten::dropout")(.tensor(one), 1, true) }.message
        #expect(message.contains("Expected a value of type 'float' for argument 'p'"))
    }

    @Test func `Shapes that do not agree are told with the operands`() throws {
        let error = try error { _ = try Tensor.zeros([2]).adding(Tensor.zeros([3])) }
        #expect(error.code == .operationFailed)
        #expect(error.message.contains("aten::add.Tensor(float32[2], float32[3], 1) failed: The size of tensor a (2)"))
    }

    @Test func `A huge tensor is refused and the next one is made`() throws {
        let error = try error { _ = try Tensor.empty([1 << 46]) }
        #expect(error.code == .outOfMemory)
        #expect(error.message.contains("\(1 << 48) bytes"))
        #expect(try Tensor.ones([2]).sum().item() == 2)
    }

    @Test func `A size that does not fit a number is an error`() throws {
        #expect(try error { _ = try Tensor.empty([1 << 40, 1 << 40]) }.code == .operationFailed)
    }

    @Test func `A kernel that libtorch lacks is unsupported`() throws {
        let error = try error {
            _ = try Tensor.zeros([2, 2], .bool).multiplied(byMatrix: Tensor.zeros([2, 2], .bool))
        }
        #expect(error.code == .unsupported)
    }

    @Test func `Four-bit data has no tensors`() throws {
        let data = TensorData(zeros: TensorType(.int4, [2]))
        #expect(try error { _ = try Tensor(data) }.code == .unsupported)
        #expect(try error { _ = try Tensor.zeros([1]).converted(to: .uint4) }.code == .unsupported)
    }

    @Test func `A failed call leaves no tensor behind`() throws {
        let before = Tensor.liveCountOnThread
        _ = try error { _ = try Tensor.zeros([2]).adding(Tensor.zeros([3])) }
        #expect(Tensor.liveCountOnThread == before)
    }

    @Test func `A device that is not there is a missing runtime`() throws {
        let error = try error { try Device.cuda(100).activate() }
        #expect(error.code == .missingLibrary)
        #expect(error.category == .missingRuntime)
    }
}
