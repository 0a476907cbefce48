import BantamGraph
import OrderedCollections
import Testing

/// How channels travel through layers with weights, and through what normalizes and pools.
@Suite struct LayerFlowTests {
    private let batch = AxisLink(.input(0, axis: 0), .output(0, axis: 0))
    private let channels = AxisLink(.input(0, axis: 1), .output(0, axis: 1))
    private let produced = SlotAxis.input(1, axis: 0)

    @Test func `A dense convolution takes channels along one axis of its weight and makes them along the other`() throws
    {
        let node = try SingleNode("Conv", [[1, 6, 4, 4, 4], .weight([8, 6, 3, 3, 3]), .weight([8])])
        #expect(
            try node.links() == [
                batch, AxisLink(.input(0, axis: 1), .input(1, axis: 1)), AxisLink(produced, .output(0, axis: 1)),
                AxisLink(produced, .input(2, axis: 0)),
            ])
    }

    @Test func `A depthwise convolution ties each channel to its own filters`() throws {
        let single = try SingleNode("Conv", [[1, 6, 4, 4], .weight([6, 1, 3, 3])], ["group": .int(6)])
        #expect(
            try single.links() == [
                batch, AxisLink(.input(0, axis: 1), produced), AxisLink(produced, .output(0, axis: 1)),
            ])
        let double = try SingleNode("Conv", [[1, 6, 4, 4], .weight([12, 1, 3, 3])], ["group": .int(6)])
        #expect(try double.links().contains(AxisLink(.input(0, axis: 1), produced, .blocks(size: 2))))
    }

    @Test func `A convolution of one channel in one group is dense`() throws {
        let node = try SingleNode("Conv", [[1, 1, 4, 4], .weight([5, 1, 3, 3])])
        #expect(try node.links().contains(AxisLink(.input(0, axis: 1), .input(1, axis: 1))))
    }

    @Test func `The groups of a grouped convolution lose channels alike`() throws {
        let node = try SingleNode("Conv", [[1, 6, 4, 4], .weight([8, 3, 3, 3])], ["group": .int(2)])
        #expect(
            try node.links() == [
                batch, AxisLink(.input(0, axis: 1), .input(1, axis: 1), .modulo(3)),
                AxisLink(produced, produced, .modulo(4)), AxisLink(produced, .output(0, axis: 1)),
            ])
    }

    @Test func `A transposed convolution has the axes of its weight the other way round`() throws {
        let output = SlotAxis.output(0, axis: 1)
        let dense = try SingleNode("ConvTranspose", [[1, 6, 4, 4], .weight([6, 8, 2, 2]), .weight([8])])
        #expect(
            try dense.links() == [
                batch, AxisLink(.input(0, axis: 1), produced), AxisLink(output, .input(1, axis: 1)),
                AxisLink(output, .input(2, axis: 0)),
            ])
        let grouped = try SingleNode("ConvTranspose", [[1, 6, 4, 4], .weight([6, 4, 2, 2])], ["group": .int(2)])
        #expect(
            try grouped.links() == [
                batch, AxisLink(.input(0, axis: 1), produced), AxisLink(output, .input(1, axis: 1), .modulo(4)),
                AxisLink(produced, produced, .modulo(3)),
            ])
        let depthwise = try SingleNode("ConvTranspose", [[1, 6, 4, 4], .weight([6, 2, 2, 2])], ["group": .int(6)])
        #expect(try depthwise.links().contains(AxisLink(produced, output, .blocks(size: 2))))
    }

    @Test(arguments: [false, true], [false, true])
    func `A fully connected layer is followed however its matrices are stored`(transA: Bool, transB: Bool) throws {
        let node = try SingleNode(
            "Gemm",
            [
                .random(transA ? [4, 3] : [3, 4], in: -1...1), .weight(transB ? [5, 4] : [4, 5]), .weight([5]),
            ], ["transA": .int(transA ? 1 : 0), "transB": .int(transB ? 1 : 0)])
        #expect(
            try node.links() == [
                AxisLink(.input(0, axis: transA ? 0 : 1), .input(1, axis: transB ? 1 : 0)),
                AxisLink(.input(0, axis: transA ? 1 : 0), .output(0, axis: 0)),
                AxisLink(.input(1, axis: transB ? 0 : 1), .output(0, axis: 1)),
                AxisLink(.input(2, axis: 0), .output(0, axis: 1)),
            ])
        #expect(
            node.definition.quantization(of: node.context)
                == .integer(inputs: [.activation, .weight(channelAxis: transB ? 0 : 1), .bias]))
    }

    @Test func `A matrix product joins the inner axes and carries the outer ones and the batches`() throws {
        let node = try SingleNode("MatMul", [[2, 3, 4, 5], [3, 5, 6]])
        #expect(
            try node.links() == [
                AxisLink(.input(0, axis: 3), .input(1, axis: 1)), AxisLink(.input(0, axis: 2), .output(0, axis: 2)),
                AxisLink(.input(1, axis: 2), .output(0, axis: 3)), batch, channels,
                AxisLink(.input(1, axis: 0), .output(0, axis: 1)),
            ])
        let vector = try SingleNode("MatMul", [[5], [3, 5, 6]])
        #expect(
            try vector.links() == [
                AxisLink(.input(0, axis: 0), .input(1, axis: 1)), AxisLink(.input(1, axis: 2), .output(0, axis: 1)),
                AxisLink(.input(1, axis: 0), .output(0, axis: 0)),
            ])
    }

    @Test func `A constant operand of a product is a weight`() throws {
        func role(_ left: OperatorExample.Input, _ right: OperatorExample.Input) throws -> QuantizationRole {
            let node = try SingleNode("MatMul", [left, right])
            return node.definition.quantization(of: node.context)
        }
        #expect(try role([2, 3, 4], .weight([4, 5])) == .integer(inputs: [.activation, .weight(channelAxis: 1)]))
        #expect(try role(.weight([3, 4]), [4, 5]) == .integer(inputs: [.weight(channelAxis: 0), .activation]))
        #expect(try role([3, 4], [4, 5]) == .integer(inputs: [.activation, .activation]))
    }

    @Test func `Batch normalization carries all axes, instance normalization those it does not average over`() throws {
        let parameters = (1...4).map { AxisLink(.input($0, axis: 0), .output(0, axis: 1)) }
        let statistics = OperatorExample.Input.constant(TensorData([3], [1, 1, 1] as [Float]))
        let batchNorm = try SingleNode(
            "BatchNormalization", [[2, 3, 5], .weight([3]), .weight([3]), statistics, statistics])
        #expect(
            try batchNorm.links()
                == Set(parameters + [batch, channels, AxisLink(.input(0, axis: 2), .output(0, axis: 2))]))
        let instanceNorm = try SingleNode("InstanceNormalization", [[2, 3, 5], .weight([3]), .weight([3])])
        #expect(try instanceNorm.links() == Set(parameters[..<2] + [batch, channels]))
    }

    @Test func `Groups that are normalized together stay equal in size`() throws {
        let node = try SingleNode(
            "GroupNormalization", [[2, 6, 5], .weight([6]), .weight([6])], ["num_groups": .int(2)])
        let channel = SlotAxis.input(0, axis: 1)
        #expect(
            try node.links() == [
                batch, channels, AxisLink(channel, channel, .modulo(3)), AxisLink(channel, .input(1, axis: 0)),
                AxisLink(channel, .input(2, axis: 0)),
            ])
    }

    @Test func `Layer normalization scales the features of the last axis`() throws {
        let node = try SingleNode("LayerNormalization", [[2, 3, 4], .weight([4]), .weight([4])], outputs: 2)
        #expect(
            try node.links() == [
                batch, channels, AxisLink(.input(0, axis: 2), .output(0, axis: 2)),
                AxisLink(.input(1, axis: 0), .output(0, axis: 2)), AxisLink(.input(2, axis: 0), .output(0, axis: 2)),
                AxisLink(.input(0, axis: 0), .output(1, axis: 0)), AxisLink(.input(0, axis: 1), .output(1, axis: 1)),
            ])
    }

    @Test func `Softmax stops channels along its own axis only`() throws {
        #expect(try SingleNode("Softmax", [[2, 3, 4]]).links() == [batch, channels])
        #expect(throws: SingleNode.OpaqueFlow.self) { try SingleNode("Softmax", [[4]]).links() }
    }

    @Test(arguments: ["MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"])
    func `Pools carry batch and channels`(name: String) throws {
        let attributes: OrderedDictionary<String, Attribute> =
            name.hasPrefix("Global") ? [:] : ["kernel_shape": .ints([2, 2, 2])]
        #expect(try SingleNode(name, [[2, 3, 4, 4, 4]], attributes).links() == [batch, channels])
    }

    @Test func `Resizing carries the axes that keep their size`() throws {
        let node = try SingleNode("Resize", [[1, 2, 4, 3, 5], .absent, .absent, .ints([1, 2, 4, 6, 10])])
        #expect(try node.links() == [batch, channels, AxisLink(.input(0, axis: 2), .output(0, axis: 2))])
    }
}
