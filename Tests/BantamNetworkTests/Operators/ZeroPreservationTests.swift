import BantamGraph
import BantamNetwork
import BantamTestSupport
import Testing

/// What operators say of zeros, against what they compute of them; a new operator is tested by being listed.
@Suite struct ZeroPreservationTests {
    /// One example, with the means to set inputs to zero.
    fileprivate struct Sample {
        var graph: Graph
        let context: NodeContext
        let definition: any Operator.Type
        /// By slot; `nil` where the input is left out.
        var inputs: [TensorData?]

        init(_ sample: ExampleCase) throws {
            let (graph, data) = exampleGraph(of: sample.definition, sample.example)
            let node = try #require(graph.nodes.values.first)
            self.graph = graph
            context = try ShapeInference(of: graph).context(of: node)
            definition = sample.definition
            inputs = node.inputs.map { value in
                value.flatMap { graph.constants[$0] ?? data[graph[$0].name] }
            }
        }

        mutating func clear(_ slot: Int) {
            guard slot < inputs.count, let data = inputs[slot] else { return }
            inputs[slot] = TensorData(zeros: data.type)
        }

        /// Sets the first entry along an axis to zero.
        mutating func clear(_ slot: Int, axis: Int) {
            guard let data = inputs[slot], data.dtype.bitWidth >= 8 else { return }
            var cleared = data
            let width = data.dtype.bitWidth / 8
            let (stride, size) = (data.shape.strides[axis], data.shape[axis])
            cleared.withUnsafeMutableBytes { bytes in
                for index in 0..<data.elementCount where index / stride % size == 0 {
                    for byte in index * width..<(index + 1) * width { bytes[byte] = 0 }
                }
            }
            inputs[slot] = cleared
        }

        func run() throws -> [TensorData] {
            var graph = graph
            let node = try #require(graph.nodes.values.first)
            for (slot, data) in inputs.enumerated() {
                guard let data, let value = node.inputs[slot], graph.constants[value] != nil else { continue }
                graph.setConstant(value, to: data)
            }
            let given = graph.inputs.map { input in
                node.inputs.firstIndex(of: input.value).flatMap { inputs[$0] }
            }
            return try graph.run(given.map { try #require($0) })
        }
    }

    @Test(arguments: ExampleCase.all) func `Outputs are zero where an operator says so`(_ sample: ExampleCase) throws {
        let whole = try Sample(sample)
        switch whole.definition.zeroPreservation(of: whole.context) {
        case .never:
            // An elementwise function must not be called one that is not zero at zero when it is.
            guard whole.isFunctionOfOneInput else { return }
            var cleared = whole
            cleared.clear(0)
            #expect(try cleared.run().contains { !$0.isZero(along: nil) })
        case .whereAll(let slots):
            var cleared = whole
            for slot in slots { cleared.clear(slot) }
            for output in try cleared.run() { #expect(output.isZero(along: nil)) }
            for axis in whole.linkedAxes {
                var cleared = whole
                for slot in slots {
                    let axes = axis.sources.filter { $0.slot == .input(slot) }.map(\.axis)
                    if axes.isEmpty { cleared.clear(slot) }
                    for axis in axes { cleared.clear(slot, axis: axis) }
                }
                #expect(try cleared.run()[axis.output].isZero(along: axis.axis), "output \(axis)")
            }
        case .whereAny(let slots):
            for slot in slots {
                var cleared = whole
                cleared.clear(slot)
                for output in try cleared.run() { #expect(output.isZero(along: nil), "slot \(slot)") }
            }
        }
    }
}

extension ZeroPreservationTests.Sample {
    /// Whether each element of the one output follows from that of the one computed input.
    fileprivate var isFunctionOfOneInput: Bool {
        context.inputTypes.indices.allSatisfy { ($0 == 0) == (context.hasInput($0) && context.constant($0) == nil) }
            && !inputs.isEmpty
            && inputs[0].map { definition.inputs.count == 1 && $0.shape == context.outputTypes.first?.shape } ?? false
            && context.outputTypes.count == 1 && context.node.attributes["axis"] == nil
    }

    fileprivate struct LinkedAxis {
        var output: Int
        var axis: Int
        var sources: [SlotAxis]
    }

    /// The axes of outputs whose entries are those of inputs, one by one.
    fileprivate var linkedAxes: [LinkedAxis] {
        let links = definition.channelFlow(of: context).links.filter { $0.mapping == .same && $0.source != $0.target }
        return context.outputTypes.enumerated().flatMap { output, type in
            (0..<type.shape.rank).compactMap { axis -> LinkedAxis? in
                let place = SlotAxis.output(output, axis: axis)
                var sources: Set<SlotAxis> = []
                var front = [place]
                while let next = front.popLast() {
                    for link in links where link.source == next || link.target == next {
                        let other = link.source == next ? link.target : link.source
                        guard case .input = other.slot, sources.insert(other).inserted else { continue }
                        front.append(other)
                    }
                }
                return sources.isEmpty ? nil : LinkedAxis(output: output, axis: axis, sources: Array(sources))
            }
        }
    }
}

extension TensorData {
    /// Whether all elements are zero, or those of the first entry along an axis.
    fileprivate func isZero(along axis: Int?) -> Bool {
        let data = unpackingNibbles()
        let width = data.dtype.bitWidth / 8
        let (stride, size) = axis.map { (data.shape.strides[$0], data.shape[$0]) } ?? (1, 1)
        return data.withUnsafeBytes { bytes in
            (0..<data.elementCount).allSatisfy { index in
                guard index / stride % size == 0 else { return true }
                // The sign of a zero does not count.
                let top = (index + 1) * width - 1
                return (index * width..<top).allSatisfy { bytes[$0] == 0 }
                    && (data.dtype.isFloatingPoint ? bytes[top] & 0x7F : bytes[top]) == 0
            }
        }
    }
}
