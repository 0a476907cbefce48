import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Testing

@Suite struct VideoTransformerTests {
    /// A variant, and which tokens of a 2x5x6 grid a change of token (0, 1, 4) reaches in the first attention layer.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var layer: String
        var reaches: @Sendable (_ time: Int, _ row: Int, _ column: Int) -> Bool

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "video_transformer", layer: "add") { _, _, _ in true },
        Case(name: "video_transformer_divided", layer: "add_time") { $1 == 1 && $2 == 4 },
        Case(name: "video_transformer_window", layer: "add") { $1 < 4 && $2 >= 4 },
        Case(name: "video_transformer_axial", layer: "add_time") { $1 == 1 && $2 == 4 },
    ]

    @Test(arguments: cases) func `Its first layer looks where it should`(_ sample: Case) throws {
        let shape: Shape = [3, 4, 80, 96]
        let graph = try Architectures.variant(named: sample.name).graph(inputShape: shape)
        let value = try #require(graph.value(named: "blocks.0.\(sample.layer).out"))
        let network = try Network(graph)
        let tokens = { (clip: TensorData) throws -> [ArraySlice<Float>] in
            let result = try withoutGradients { try network.forward([try Tensor(clip)], taps: [value]).taps[value] }
            let data = try result?.data()
            let numbers = try #require(data).elements(of: Float.self)
            return stride(from: 0, to: numbers.count, by: 192).map { numbers[$0..<$0 + 192] }
        }
        var random = SeededGenerator(seed: 1)
        let clip = TensorData.random(Shape([1] + shape.dimensions), from: &random)
        var other = clip
        // The pixel in the first frame's second row and fifth column of tokens.
        other.withUnsafeMutableElements(of: Float.self) { $0[20 * 96 + 70] += 5 }
        let (before, after) = (try tokens(clip), try tokens(other))
        for token in 0..<60 {
            let isReached = sample.reaches(token / 30, token / 6 % 5, token % 6)
            #expect((before[token] != after[token]) == isReached, "token \(token)")
        }
    }

    @Test(arguments: cases.map(\.name)) func `It has about 4 million parameters`(_ name: String) throws {
        let cost = try CostAnalysis(of: try Architectures.variant(named: name).graph(weights: .zeros)).total
        #expect((3_900_000...4_200_000).contains(cost.parameters), "\(cost.parameters)")
    }

    /// The weights of heads, hidden layers and embeddings are found, behind windows too.
    @Test(arguments: cases.map(\.name)) func `Its channels can be followed`(_ name: String) throws {
        let variant = try Architectures.variant(named: name)
        let graph = variant.graph(inputShape: variant.smallestInputShape, weights: .zeros)
        let groups = try ChannelGroups(of: graph).groups
        let attentions = graph.nodes.values.filter { $0.operatorName == "Softmax" }.count
        let blocks = graph.nodes.values.filter { $0.operatorName == "Gelu" }.count
        // In each attention the width of queries and keys and that of values, in each block the hidden layer; and one
        // group runs through all blocks.
        #expect(groups.filter(\.isPrunable).count == 2 * attentions + blocks + 1)
        #expect(groups.filter { !$0.isPrunable }.map(\.label) == ["head (Gemm)"])
    }
}
