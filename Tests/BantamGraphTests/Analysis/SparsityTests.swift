import BantamGraph
import BantamTestSupport
import Testing

@Suite struct SparsityTests {
    // MARK: Patterns

    @Test(arguments: ["2:4", "1:2", "3:5", "1:64"]) func `A pattern reads as it is written`(text: String) throws {
        let pattern = try #require(SparsityPattern(text))
        #expect(pattern.description == text)
        #expect(pattern.sparsity == 1 - Double(pattern.kept) / Double(pattern.block))
    }

    @Test(arguments: ["4:2", "4:4", "0:4", "-1:4", "1:65", "2", "2:", ":4", "2:4:8", "two:four", "2.5:4", "", "2 :4"])
    func `What is no pattern is none`(text: String) { #expect(SparsityPattern(text) == nil) }

    @Test func `Blocks lie along the axis`() {
        func elements(_ shape: Shape, _ axis: Int, length: Int) -> [[Int]] {
            var blocks: [[Int]] = []
            SparsityPattern.twoOfFour.forEachBlock(of: shape, along: ReductionAxis(axis: axis, length: length)) {
                first, stride in
                blocks.append((0..<4).map { first + $0 * stride })
            }
            return blocks
        }
        #expect(elements([2, 4], 1, length: 4) == [[0, 1, 2, 3], [4, 5, 6, 7]])
        #expect(elements([4, 2], 0, length: 4) == [[0, 2, 4, 6], [1, 3, 5, 7]])
        // [O, I, H, W]: the four input channels of one place in the kernel.
        #expect(elements([1, 4, 1, 2], 1, length: 4) == [[0, 2, 4, 6], [1, 3, 5, 7]])
        let all = elements([3, 8, 2, 2, 2], 1, length: 8)
        #expect(all.count == 3 * 2 * 8 && Set(all.joined()).count == 3 * 8 * 8)
        #expect(elements([0, 4], 1, length: 4).isEmpty)
    }

    // MARK: The axis that is summed over

    private func axis(
        _ name: String, _ inputs: [OperatorExample.Input], slot: Int = 1, _ attributes: [(String, Attribute)] = []
    ) throws -> ReductionAxis? {
        let node = try SingleNode(name, inputs, .init(uniqueKeysWithValues: attributes))
        return node.definition.reductionAxis(ofWeight: slot, of: node.context)
    }

    @Test func `Operators say what they sum over`() throws {
        #expect(try axis("Conv", [[1, 8, 5, 5], .weight([6, 8, 3, 3])]) == ReductionAxis(axis: 1, length: 8))
        #expect(try axis("Conv", [[1, 8, 4, 5, 5], .weight([6, 8, 1, 3, 3])]) == ReductionAxis(axis: 1, length: 8))
        #expect(
            try axis("Conv", [[1, 8, 5, 5], .weight([6, 4, 3, 3])], [("group", .int(2))])
                == ReductionAxis(axis: 1, length: 4))
        #expect(
            try axis("ConvTranspose", [[1, 8, 5, 5], .weight([8, 3, 2, 2])], [("group", .int(2))])
                == ReductionAxis(axis: 0, length: 4))
        #expect(try axis("Gemm", [[2, 8], .weight([8, 3])]) == ReductionAxis(axis: 0, length: 8))
        #expect(
            try axis("Gemm", [[2, 8], .weight([3, 8])], [("transB", .int(1))]) == ReductionAxis(axis: 1, length: 8))
        #expect(try axis("MatMul", [[2, 5, 8], .weight([8, 3])]) == ReductionAxis(axis: 0, length: 8))
        #expect(try axis("MatMul", [.weight([3, 8]), [2, 8, 5]], slot: 0) == ReductionAxis(axis: 1, length: 8))
        #expect(try axis("Conv", [[1, 8, 5, 5], .weight([6, 8, 3, 3]), .weight([6])], slot: 2) == nil)
        #expect(try axis("Add", [[2, 8], .weight([2, 8])]) == nil)
    }

    @Test func `A weight with several readers has the axis they agree on`() throws {
        func graph(_ second: (inout GraphBuilder, ValueID, ValueID) -> ValueID) -> (Graph, ValueID) {
            var build = GraphBuilder(name: "shared")
            let x = build.input("x", .float32, [2, 8])
            let weight = build.constant("w", Samples.tensor([8, 8]))
            let first = build.node("MatMul", [x, weight], name: "first")
            build.output(second(&build, first, weight), name: "y")
            return (build.graph, weight)
        }
        let (alike, weight) = graph { $0.node("MatMul", [$1, $2], name: "second") }
        #expect(try ReductionAxes(of: alike).axis(of: weight) == .success(ReductionAxis(axis: 0, length: 8)))
        let (unlike, _) = graph { $0.node("Gemm", [$1, $2], name: "second", attributes: ["transB": .int(1)]) }
        #expect(
            try ReductionAxes(of: unlike).axis(of: weight)
                == .failure(.init(reason: "the nodes that read it sum over different axes")))
        let (moved, _) = graph { build, first, weight in
            build.node("MatMul", [first, build.node("Transpose", [weight], name: "turn")], name: "second")
        }
        #expect(
            try ReductionAxes(of: moved).axis(of: weight)
                == .failure(.init(reason: "turn (Transpose) does not sum over one of its axes")))
        let (same, _) = graph { build, first, weight in
            build.node("MatMul", [first, build.node("Identity", [weight], name: "copy")], name: "second")
        }
        #expect(try ReductionAxes(of: same).axis(of: weight) == .success(ReductionAxis(axis: 0, length: 8)))
    }

    // MARK: What a model has

    /// Two linear layers, from 8 to 4 and from 4 to 3, with the weights that `isZero` does not take away.
    private func layers(_ isZero: (_ layer: Int, _ index: Int) -> Bool) -> Graph {
        var build = GraphBuilder(name: "layers")
        var x = build.input("x", .float32, ["N", 8])
        for (layer, (inputs, outputs)) in [(8, 4), (4, 3)].enumerated() {
            let numbers = (0..<inputs * outputs).map { isZero(layer, $0) ? Float(0) : 1 + Float($0) }
            let weight = build.constant("w\(layer)", TensorData([outputs, inputs], numbers))
            x = build.node("Gemm", [x, weight], name: "fc\(layer)", attributes: ["transB": .int(1)])
        }
        build.output(x, name: "y")
        return build.graph
    }

    @Test func `A pattern is found where every weight has it`() throws {
        let dense = try Sparsity(of: layers { _, _ in false })
        #expect(dense.zeroFraction == 0 && dense.pattern == nil)
        let half = try Sparsity(of: layers { _, index in index % 4 == 1 || index % 4 == 2 })
        #expect(half.zeroFraction == 0.5 && half.pattern == .twoOfFour && half.patternedWeights == 2)
        let quarter = try Sparsity(of: layers { _, index in index % 4 != 1 })
        #expect(quarter.pattern == SparsityPattern(1, of: 4))
        let broken = try Sparsity(of: layers { layer, index in index % 4 < 2 && (layer, index) != (0, 1) })
        #expect(broken.pattern == nil)
        let onlySecond = try Sparsity(of: layers { layer, index in layer == 1 && index % 4 < 2 })
        #expect(onlySecond.pattern == nil && abs(onlySecond.zeroFraction - 6.0 / 44) < 1e-9)
    }

    @Test func `A pattern of eight is found where four do not divide it`() throws {
        // Four of each eight, three of them in the first half; the second layer is too short for blocks of eight.
        let zeros: Set = [0, 5, 6, 7]
        let sparsity = try Sparsity(of: layers { layer, index in layer == 0 && zeros.contains(index % 8) })
        #expect(sparsity.pattern == SparsityPattern(4, of: 8) && sparsity.patternedWeights == 1)
    }

    @Test func `A model of zeros alone has no pattern, and one without weights no zeros`() throws {
        #expect(try Sparsity(of: layers { _, _ in true }).pattern == nil)
        #expect(try Sparsity(of: layers { _, _ in true }).zeroFraction == 1)
        var build = GraphBuilder(name: "relu")
        build.output(build.node("Relu", [build.input("x", .float32, [2])], name: "relu"), name: "y")
        let none = try Sparsity(of: build.graph)
        #expect(none.zeroFraction == 0 && none.pattern == nil)
    }
}
