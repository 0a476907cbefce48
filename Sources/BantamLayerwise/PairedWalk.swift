package import BantamGraph
import BantamNetwork
package import BantamTensor

/// Runs a graph and its quantized or pruned version side by side on one batch, node by node.
///
/// So each layer can be corrected by what it differs in, before those behind it run on its corrected result. Only
/// what is still to be read is kept: the memory is that of two inferences on the batch.
package struct PairedWalk {
    private let original: Graph
    private let changed: Graph
    private let device: Device

    /// A layer that both graphs have, when its results have been computed.
    package struct Layer {
        /// The node as the changed graph has it.
        package var node: Node
        /// The layer's inputs in the changed graph, constants and all.
        package var inputs: [Tensor?]
        /// What the original computes.
        package var expected: Tensor
        /// What the changed graph computes.
        package var result: Tensor
        /// Both for any other value, while it is still to be read.
        package var others: (ValueID) -> (expected: Tensor, result: Tensor)? = { _ in nil }
    }

    /// - Parameter changed: The original as a method leaves it, with the same ids of nodes and values.
    package init(_ original: Graph, _ changed: Graph, device: Device) {
        self.original = original
        self.changed = changed
        self.device = device
    }

    /// The number of samples of which the two graphs' activations take 1 GB. With what operators take for
    /// themselves a process grows to several times that (decision 0017).
    ///
    /// Deep layers read few positions of each sample: with a quarter of the samples, ``ErrorCompensation`` leaves a quarter
    /// more error there on samples that it has not seen.
    package static func batchSize(for graph: Graph, atMost limit: Int = 256) -> Int {
        let sample = (try? Liveness(of: graph).peak.bytes) ?? 1
        return min(max((1 << 30) / max(2 * sample, 1), 1), limit)
    }

    /// - Parameters:
    ///   - inputs: The batch: one tensor for each input of the graphs.
    ///   - chosen: The layers to stop at.
    ///   - visit: Is shown each of them in order, and returns what its result is from now on.
    package func run(_ inputs: [Tensor], at chosen: Set<NodeID>, visit: (Layer) throws -> Tensor) throws {
        try withoutGradients {
            var expected = try GraphWalk(original, inputs, device: device)
            var actual = try GraphWalk(changed, inputs, device: device)
            for node in changed.nodes.values {
                try actual.run(node)
                guard let twin = original.nodes[node.id] else { continue }
                try expected.run(twin)
                if chosen.contains(node.id), let output = node.mainOutput, let left = expected[output],
                    let right = actual[output]
                {
                    let layer = Layer(
                        node: node, inputs: try actual.inputs(of: node),
                        expected: left, result: right,
                        others: { [expected, actual] value in
                            guard let left = expected[value], let right = actual[value] else { return nil }
                            return (left, right)
                        })
                    actual[output] = try visit(layer)
                    // The layers differ in size, and none needs what another has freed.
                    try MemoryMeter(device).releaseKept()
                }
                expected.release(after: twin)
                actual.release(after: node)
            }
        }
    }
}
