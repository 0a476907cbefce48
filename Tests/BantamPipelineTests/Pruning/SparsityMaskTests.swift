import BantamGraph
import BantamNetwork
import BantamPruning
import BantamTensor
import BantamTraining
import Testing

@Suite struct SparsityMaskTests {
    /// Trains a pruned network with momentum, and returns its weights before and after.
    private func train(_ samples: BandSamples, masked: Bool) throws -> (before: Graph, after: Graph) {
        var graph = samples.classifier()
        try UnstructuredPruning.apply(UnstructuredPruning.plan(for: graph, .init(sparsity: 0.6)), to: &graph)
        let network = try Network(graph)
        let trainer = Trainer(
            network, objective: CrossEntropy(), configuration: .quick(epochs: 2),
            constraints: masked ? [try SparsityMask(zerosOf: network)] : [])
        _ = try trainer.fit(to: try samples.data().batches(for: .quick()))
        return (graph, try network.snapshot())
    }

    @Test(arguments: [nil, 4]) func `Zeros stay zero through a training, and other weights learn`(frames: Int?) throws {
        let (before, after) = try train(BandSamples(frames: frames), masked: true)
        #expect(before.weightNames == ["conv1.weight", "conv2.weight", "fc.weight"])
        for weight in before.weightNames {
            let pairs = Array(zip(before.numbers(weight), after.numbers(weight)))
            #expect(pairs.allSatisfy { $0 != 0 || $1 == 0 }, "\(weight)")
            #expect(pairs.count { $0 != 0 && $0 != $1 } > pairs.count / 4, "\(weight)")
        }
        #expect(before.numbers("fc.bias") != after.numbers("fc.bias"))
    }

    @Test func `Without it they do not`() throws {
        let (before, after) = try train(BandSamples(), masked: false)
        #expect(zip(before.numbers("conv2.weight"), after.numbers("conv2.weight")).contains { $0 == 0 && $1 != 0 })
    }

    @Test func `It frees its tensors`() throws {
        let graph = BandSamples().classifier()
        let before = Tensor.liveCountOnThread
        do {
            let network = try Network(graph)
            try SparsityMask(zerosOf: network).enforce()
            #expect(Tensor.liveCountOnThread > before)
        }
        #expect(Tensor.liveCountOnThread == before)
    }
}
