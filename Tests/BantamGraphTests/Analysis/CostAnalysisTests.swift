import BantamGraph
import BantamTestSupport
import Testing

@Suite struct CostAnalysisTests {
    @Test func `The simple network has the published number of parameters`() throws {
        let cost = try CostAnalysis(of: Samples.simpleCNN())
        #expect(cost.total.parameters == 21_840)
        // 10·25·24² + 20·250·8² + 320·50 + 50·10
        #expect(cost.total.macs == 144_000 + 320_000 + 16_000 + 500)
        #expect(cost.total.weightBytes == ByteCount(4 * 21_840))
    }

    @Test func `MACs grow with the batch, parameters do not`() throws {
        let graph = Samples.simpleCNN()
        let (one, eight) = (try CostAnalysis(of: graph).total, try CostAnalysis(of: graph, sizes: ["N": 8]).total)
        #expect(eight.macs == 8 * one.macs)
        #expect(eight.parameters == one.parameters)
    }

    @Test func `Running statistics take memory but are no parameters`() throws {
        let cost = try CostAnalysis(of: TinyGraphs.chain()).total
        let convolutions = 6 * 27 + 6 + 4 * 54 + 4
        #expect(cost.parameters == convolutions + 2 * (6 + 4) + 3 * 4 + 3)
        #expect(cost.weightBytes == ByteCount(4 * (cost.parameters + 2 * (6 + 4))))
    }

    @Test func `A shared weight counts once, at its first reader`() throws {
        let graph = TinyGraphs.sharedWeight()
        let cost = try CostAnalysis(of: graph)
        let (first, second) = (try #require(graph.node(named: "conv1")), try #require(graph.node(named: "conv2")))
        #expect(cost.nodes[first.id]?.parameters == 4 * 4 * 9)
        #expect(cost.nodes[second.id]?.parameters == 0)
        #expect(cost.nodes[second.id]?.macs == 4 * 4 * 9 * 64)
    }

    @Test func `A quantized weight is still parameters of its layer; scales and zero points are not`() throws {
        let graph = Samples.quantizedLinear()
        let cost = try CostAnalysis(of: graph)
        #expect(cost.total.parameters == 12)
        #expect(cost.total.macs == 12)
        #expect(cost.total.weightBytes == ByteCount(12 + 4 * 3 + 3))
        let layer = try #require(graph.node(named: "fc"))
        #expect(cost.nodes[layer.id]?.parameters == 12)
    }

    @Test func `Clips cost as images do, in one dimension more`() throws {
        let graph = TinyGraphs.twoPathwayVideo()
        let cost = try CostAnalysis(of: graph)
        let lateral = try #require(graph.node(named: "lateral"))
        #expect(cost.nodes[lateral.id]?.macs == 4 * 2 * 5 * (2 * 8 * 8))
    }
}
