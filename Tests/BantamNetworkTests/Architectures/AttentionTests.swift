import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

@Suite struct AttentionTests {
    private let features = 6
    private let heads = 2
    private let tokens = 4

    private func graph(hasGroups: Bool, mask: TensorData? = nil) -> Graph {
        var build = LayerBuilder(name: "attention", weights: .random(seed: 5))
        build.initialization = .normal(standardDeviation: 0.5)
        let groups: [InputDimension] = hasGroups ? [3] : []
        let input = build.graph.input("input", .float32, ["N"] + groups + [.fixed(tokens), .fixed(features)])
        let x = build.attention(input, "attn", features: features, heads: heads, hasGroups: hasGroups, mask: mask)
        build.graph.output(x, name: "output")
        return build.graph.graph
    }

    /// Attention over the rows of `x`, number by number.
    private func reference(_ graph: Graph, _ x: [[Double]], sees: (Int, Int) -> Bool) throws -> [[Double]] {
        func project(_ rows: [[Double]], _ name: String) throws -> [[Double]] {
            let weight = try numbers(graph, "attn.\(name).weight")
            let bias = try numbers(graph, "attn.\(name).bias")
            return rows.map { row in
                (0..<features).map { out in
                    row.indices.reduce(bias[out]) { $0 + row[$1] * weight[$1 * features + out] }
                }
            }
        }
        let (query, key, value) = (try project(x, "query"), try project(x, "key"), try project(x, "value"))
        let width = features / heads
        var mixed = [[Double]](repeating: [Double](repeating: 0, count: features), count: x.count)
        for head in 0..<heads {
            let range = head * width..<(head + 1) * width
            for token in x.indices {
                let scores = x.indices.map { other in
                    sees(token, other)
                        ? range.reduce(0) { $0 + query[token][$1] * key[other][$1] } / Double(width).squareRoot()
                        : -Double.infinity
                }
                let exponentials = scores.map { exponential($0) }
                let total = exponentials.reduce(0, +)
                for (other, exponential) in exponentials.enumerated() {
                    for feature in range { mixed[token][feature] += exponential / total * value[other][feature] }
                }
            }
        }
        return try project(mixed, "out")
    }

    private func exponential(_ x: Double) -> Double {
        // By halving: the series converges in a few terms below 1/256.
        guard x.isFinite else { return 0 }
        var result = (1...8).reversed().reduce(1.0) { 1 + x / 256 / Double($1) * $0 }
        for _ in 0..<8 { result *= result }
        return result
    }

    private func numbers(_ graph: Graph, _ name: String) throws -> [Double] {
        let value = try #require(graph.value(named: name))
        let data = try #require(graph.constants[value])
        return data.elements(of: Float.self).map(Double.init)
    }

    private func check(_ graph: Graph, groups: Int, sees: (Int, Int, Int) -> Bool) throws {
        let input = graph.sampleInputs()[0]
        let output = try graph.run([input])[0]
        #expect(output.shape == input.shape)
        let rows = { (data: TensorData) in
            let numbers = data.elements(of: Float.self).map(Double.init)
            return stride(from: 0, to: numbers.count, by: features).map { Array(numbers[$0..<$0 + features]) }
        }
        let (inputs, outputs) = (rows(input), rows(output))
        for start in stride(from: 0, to: inputs.count, by: tokens) {
            let group = start / tokens % groups
            let expected = try reference(graph, Array(inputs[start..<start + tokens])) { sees(group, $0, $1) }
            for (row, expected) in zip(outputs[start..<start + tokens], expected) {
                for (result, expected) in zip(row, expected) { #expect(abs(result - expected) < 1e-5) }
            }
        }
    }

    @Test func `Each token is a mean of what it sees, weighted by likeness`() throws {
        try check(graph(hasGroups: false), groups: 1) { _, _, _ in true }
    }

    @Test func `Groups do not see one another`() throws {
        try check(graph(hasGroups: true), groups: 3) { _, _, _ in true }
    }

    @Test func `A mask hides tokens within a group`() throws {
        // In the first group all see all; in the second none looks ahead; in the third the last sees itself only.
        let sees = { (group: Int, token: Int, other: Int) in
            group == 0 || (group == 1 ? other <= token : (token == 3) == (other == 3))
        }
        let flags = (0..<3).flatMap { group in
            (0..<4).flatMap { token in (0..<4).map { sees(group, token, $0) } }
        }
        try check(graph(hasGroups: true, mask: TensorData([3, 1, 4, 4], flags)), groups: 3, sees: sees)
    }
}
