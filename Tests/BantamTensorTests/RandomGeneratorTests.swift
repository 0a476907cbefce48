import BantamGraph
import BantamTensor
import Testing

@Suite struct RandomGeneratorTests {
    @Test func `The same seed gives the same numbers`() throws {
        let first = try RandomGenerator(seed: 7)
        let second = try RandomGenerator(seed: 7)
        let numbers = try Tensor.normal([100], using: first).data()
        #expect(try Tensor.normal([100], using: second).data() == numbers)
        #expect(try Tensor.normal([100], using: first).data() != numbers)
        try first.reseed(7)
        #expect(try Tensor.normal([100], using: first).data() == numbers)
        #expect(try Tensor.normal([100], using: RandomGenerator(seed: 8)).data() != numbers)
    }

    @Test func `Uniform numbers lie in the unit interval and permutations hold each index once`() throws {
        let generator = try RandomGenerator(seed: 1)
        let numbers = try Tensor.uniform([1000], using: generator).data().elements(of: Float.self)
        #expect(numbers.allSatisfy { 0 <= $0 && $0 < 1 })
        let order = try Tensor.permutation(50, using: generator).data().elements(of: Int64.self)
        #expect(order.sorted() == Array(0..<50) && order != Array(0..<50))
    }

    // In a process of its own: the default generator belongs to all threads.
    @Test func `Seeding the defaults makes dropout repeat itself`() async {
        await #expect(processExitsWith: .success) {
            let dropout = ATenOperation("aten::dropout")
            func drop() throws -> TensorData {
                try RandomGenerator.seedDefaults(3)
                return try dropout.tensor(.tensor(Tensor.ones([64])), 0.5, true).data()
            }
            let first = try drop()
            let second = try drop()
            #expect(first == second)
        }
    }
}
