import BantamGraph
import BantamModel
import BantamPipeline
import BantamPruning
import BantamQuantization
import BantamTensor
import BantamTestSupport
import Testing

@Suite struct LayerComparisonTests {
    private func compare(
        _ reference: Graph, _ compressed: Graph, batches: Int = 1
    ) throws -> LayerComparison {
        var comparison = try LayerComparison(reference: reference, compressed: compressed)
        for batch in 1...batches {
            let inputs = try reference.sampleInputs(batch: batch + 1).map { try Tensor($0) }
            try comparison.observe(inputs, compressedInputs: inputs)
        }
        return comparison
    }

    @Test(arguments: TinyGraphs.names)
    func `A model has no noise beside itself`(name: String) throws {
        let graph = try #require(TinyGraphs.named(name))
        let comparison = try compare(graph, graph)
        #expect(!comparison.layers.isEmpty && comparison.samples == 2)
        #expect(comparison.layers.allSatisfy { $0.decibels == nil })
    }

    /// `y = 1.01 * w * x`: the error is a hundredth of the signal wherever the factor has been, which is 40 dB.
    @Test(arguments: TinyGraphs.names)
    func `A layer that is a hundredth too large has 40 dB, and those before it are equal`(name: String) throws {
        var reference = try #require(TinyGraphs.named(name))
        // Only a layer without bias grows by the factor as a whole; the classifier's is the last of each model.
        try StaticQuantization().prepare(&reference)
        guard reference.constant(named: "classifier.bias") != nil else { return }
        reference.setNumbers("classifier.bias") { _, _ in 0 }
        var compressed = reference
        compressed.setNumbers("classifier.weight") { $1 * 1.01 }
        let layers = try compare(reference, compressed).layers
        #expect(layers.first?.value == "output")
        #expect(abs(try #require(layers.first?.decibels) - 40) < 0.01)
        #expect(layers.dropFirst().allSatisfy { $0.decibels == nil })
    }

    @Test(arguments: TinyGraphs.names)
    func `Folded BatchNorm and moved activations do not read as noise`(name: String) throws {
        let original = try #require(TinyGraphs.named(name))
        var prepared = original
        try StaticQuantization().prepare(&prepared)
        let layers = try compare(original, prepared).layers
        #expect(!layers.isEmpty && layers.allSatisfy { $0.decibels ?? .infinity > 100 }, "\(layers)")
    }

    @Test(arguments: TinyGraphs.names)
    func `Quantization is noise of a plausible size, the same in one batch and in several`(name: String) throws {
        let original = try #require(TinyGraphs.named(name))
        let quantized = try StaticQuantization().quantizing(original, range: ActivationRange(-8, 8)).graph
        let layers = try compare(original, quantized, batches: 3).layers
        let decibels = layers.compactMap(\.decibels)
        #expect(!decibels.isEmpty && decibels.allSatisfy { (3..<80).contains($0) }, "\(layers)")
        #expect(layers.contains { $0.value == "output" })
        // Worst first, those without noise last.
        let sorted = layers.map { $0.decibels ?? .infinity }
        #expect(sorted == sorted.sorted())
        // Two sums a value, whatever the batches: the ratio of all is that of the sums.
        var whole = try LayerComparison(reference: original, compressed: quantized)
        for _ in 0..<2 {
            for batch in 1...3 {
                let inputs = try original.sampleInputs(batch: batch + 1).map { try Tensor($0) }
                try whole.observe(inputs, compressedInputs: inputs)
            }
        }
        for (once, twice) in zip(layers, whole.layers) {
            #expect(once.value == twice.value)
            #expect(abs((once.decibels ?? 0) - (twice.decibels ?? 0)) < 1e-9)
        }
    }

    @Test func `Values that only one of the models has are left out`() throws {
        let graph = TinyGraphs.chain()
        var pruned = graph
        let plan = try StructuredPruning.plan(for: graph, .init(.macs(0.5)))
        try StructuredPruning.apply(plan, to: &pruned)
        let comparison = try LayerComparison(reference: graph, compressed: pruned)
        let whole = try LayerComparison(reference: graph, compressed: graph)
        #expect(comparison.values.contains("output") && comparison.values.count < whole.values.count)
    }

    @Test func `A weight that is no number is found by the value it spoils`() throws {
        var spoiled = TinyGraphs.residual()
        spoiled.setNumbers("conv2.weight") { $0 == 0 ? .nan : $1 }
        #expect(
            errorText { _ = try compare(TinyGraphs.residual(), spoiled) }.contains(
                "The value conv2.out holds NaN or infinity"))
    }
}
