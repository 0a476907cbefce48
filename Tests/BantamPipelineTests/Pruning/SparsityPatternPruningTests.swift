import BantamGraph
import BantamModel
import BantamPruning
import BantamTestSupport
import Testing

/// N:M patterns: where the zeros of `UnstructuredPruning` lie.
@Suite struct SparsityPatternPruningTests {
    private func pruned(
        _ graph: Graph, _ configuration: UnstructuredPruning.Configuration
    ) throws -> (graph: Graph, plan: UnstructuredPruning.Plan) {
        let plan = try UnstructuredPruning.plan(for: graph, configuration)
        #expect(try throughJSON(plan) == plan && (try throughJSON(configuration)) == configuration)
        var copy = graph
        try UnstructuredPruning.apply(plan, to: &copy)
        copy.checkInvariants()
        return (copy, plan)
    }

    /// One node with this weight.
    private func layer(
        _ operatorName: String, _ inputShape: [Int], _ weight: TensorData, _ attributes: [(String, Attribute)] = []
    ) -> Graph {
        var build = GraphBuilder(name: "layer")
        let input = build.input("input", .float32, inputShape.map { .fixed($0) })
        let stored = build.constant("weight", weight)
        build.output(
            build.node(
                operatorName, [input, stored], name: "layer", attributes: .init(uniqueKeysWithValues: attributes)),
            name: "output")
        return build.graph
    }

    @Test func `The largest of each block stay, along the features that a linear layer sums`() throws {
        let rows: [Float] = [1, -4, 3, -2, 5, 5, 5, 5]
        let across = layer("Gemm", [2, 4], TensorData([2, 4], rows), [("transB", .int(1))])
        let (graph, plan) = try pruned(across, .init(.twoOfFour))
        // Of equals the first stay.
        #expect(graph.numbers("weight") == [0, -4, 3, 0, 5, 5, 0, 0])
        #expect(plan.layers.map(\.zeros) == [4] && plan.sparsity == 0.5 && plan.exceptions.isEmpty)
        // The same numbers by columns.
        let down = layer("MatMul", [2, 4], TensorData([4, 2], [1, 5, -4, 5, 3, 5, -2, 5] as [Float]))
        #expect(try pruned(down, .init(.twoOfFour)).graph.numbers("weight") == [0, 5, -4, 5, 3, 0, 0, 0])
        let one = try #require(SparsityPattern(1, of: 4))
        #expect(try pruned(across, .init(one)).graph.numbers("weight") == [0, -4, 0, 0, 5, 0, 0, 0])
    }

    @Test(arguments: [[3], [2, 2], [2, 1, 2]])
    func `A convolution's blocks are four input channels at one place of the kernel`(kernel: [Int]) throws {
        let (outputs, inputs, places) = (3, 8, kernel.reduce(1, *))
        var random = SeededGenerator(seed: 2)
        let shape = Shape([outputs, inputs] + kernel)
        let weight = TensorData(shape, (0..<shape.elementCount).map { _ in Float(random.normal()) })
        let before = layer("Conv", [1, inputs] + kernel.map { $0 + 2 }, weight)
        let (after, _) = try pruned(before, .init(.twoOfFour))
        let (old, new) = (before.numbers("weight"), after.numbers("weight"))
        for output in 0..<outputs {
            for place in 0..<places {
                for block in 0..<inputs / 4 {
                    let indices = (0..<4).map { (output * inputs + block * 4 + $0) * places + place }
                    let largest = Set(indices.sorted { abs(old[$0]) > abs(old[$1]) }.prefix(2))
                    for index in indices { #expect(new[index] == (largest.contains(index) ? old[index] : 0)) }
                }
            }
        }
    }

    @Test func `A grouped transposed convolution's blocks do not cross its groups`() throws {
        var random = SeededGenerator(seed: 3)
        let weight = TensorData([8, 3, 1, 1], (0..<24).map { _ in Float(random.normal()) })
        let before = layer("ConvTranspose", [1, 8, 4, 4], weight, [("group", .int(2))])
        let (after, plan) = try pruned(before, .init(.twoOfFour))
        #expect(plan.layers.count == 1)
        let new = after.numbers("weight")
        for group in 0..<2 {
            for output in 0..<3 {
                #expect((0..<4).count { new[(group * 4 + $0) * 3 + output] != 0 } == 2)
            }
        }
        let narrow = layer("ConvTranspose", [1, 8, 4, 4], weight, [("group", .int(4))])
        #expect(
            errorText { _ = try UnstructuredPruning.plan(for: narrow, .init(.twoOfFour)) }
                .contains("weight stays: it sums over 2, which 4 does not divide"))
    }

    @Test(arguments: TinyGraphs.names) func `Every model that can have the pattern has it, or says why not`(
        name: String
    ) throws {
        let before = try #require(TinyGraphs.named(name))
        for pattern in [SparsityPattern.twoOfFour, try #require(SparsityPattern(1, of: 2))] {
            let plan: UnstructuredPruning.Plan
            var after = before
            do {
                (after, plan) = try pruned(before, .init(pattern))
            } catch let error as CompressionError {
                #expect(error.code == .nothingToCompress && error.message.contains("does not divide"))
                continue
            }
            #expect(plan.layers.count + plan.exceptions.count == before.weightNames.count)
            for layer in plan.layers {
                let numbers = after.numbers(layer.weight)
                #expect(numbers.count { $0 == 0 } == layer.zeros)
                #expect(layer.zeros * pattern.block == layer.count * (pattern.block - pattern.kept))
            }
            for exception in plan.exceptions {
                #expect(after.numbers(exception.weight) == before.numbers(exception.weight))
                #expect(!exception.reason.isEmpty)
            }
            #expect(try after.run(before.sampleInputs()).count == before.outputs.count)
            // Twice is once.
            #expect(try pruned(after, .init(pattern)).graph == after)
        }
    }

    @Test func `Half-way there, zeros are among those that go in the end, the smallest first`() throws {
        let before = layer(
            "Gemm", [1, 8], TensorData([1, 8], [1, 9, 2, 8, 30, 60, 40, 50] as [Float]), [("transB", .int(1))])
        var partly = UnstructuredPruning.Configuration(.twoOfFour)
        partly.sparsity = 0.25
        // 8 is smaller than 30 and 40, but stays in the end.
        #expect(try pruned(before, partly).graph.numbers("weight") == [0, 9, 0, 8, 30, 60, 40, 50])
        partly.sparsity = 0.375
        #expect(try pruned(before, partly).graph.numbers("weight") == [0, 9, 0, 8, 0, 60, 40, 50])
        partly.scope = .local
        partly.sparsity = 0.5
        #expect(try pruned(before, partly).graph.numbers("weight") == [0, 9, 0, 8, 0, 60, 0, 50])
    }

    @Test func `More zeros than the pattern has are refused`() {
        var configuration = UnstructuredPruning.Configuration(.twoOfFour)
        configuration.sparsity = 0.6
        let text = errorText { _ = try UnstructuredPruning.plan(for: TinyGraphs.residual(), configuration) }
        #expect(text.contains("0.6 does not fit the pattern 2:4") && text.contains("at most 0.5"))
    }

    @Test func `A plan for another graph is refused, and the graph is left unchanged`() throws {
        let wide = layer("Gemm", [1, 8], TensorData([1, 8], [Float](repeating: 1, count: 8)), [("transB", .int(1))])
        let plan = try UnstructuredPruning.plan(for: wide, .init(.twoOfFour))
        // As many numbers, but no axis that four divides.
        var other = layer("MatMul", [4, 1], TensorData([1, 8], [Float](repeating: 1, count: 8)))
        let before = other
        #expect(errorCode { try UnstructuredPruning.apply(plan, to: &other) } == .planMismatch)
        #expect(other == before)
    }
}
