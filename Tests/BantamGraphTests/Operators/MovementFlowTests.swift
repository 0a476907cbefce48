import Testing

@testable import BantamGraph

/// How channels travel through the operators that move elements.
@Suite struct MovementFlowTests {
    @Test func `Flattening turns channels into blocks`() throws {
        let expected: Set = [
            AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
            AxisLink(.input(0, axis: 1), .output(0, axis: 1), .blocks(size: 20)),
        ]
        #expect(try SingleNode("Flatten", [[2, 3, 4, 5]]).links() == expected)
        #expect(try reshape([2, 3, 4, 5], [2, -1]) == expected)
        let clip: Set = [
            AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
            AxisLink(.input(0, axis: 1), .output(0, axis: 1), .blocks(size: 40)),
        ]
        #expect(try reshape([2, 3, 2, 4, 5], [2, -1]) == clip)
    }

    @Test func `A batch of one is flattened like any other`() throws {
        #expect(
            try reshape([1, 3, 4, 5], [1, -1])
                == [AxisLink(.input(0, axis: 1), .output(0, axis: 1), .blocks(size: 20))])
        #expect(try reshape([1, 3, 1, 1], [1, 3]) == [AxisLink(.input(0, axis: 1), .output(0, axis: 1))])
    }

    @Test func `Unflattening is followed backwards`() throws {
        #expect(
            try reshape([2, 60], [2, 3, 4, 5]) == [
                AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
                AxisLink(.output(0, axis: 1), .input(0, axis: 1), .blocks(size: 20)),
            ])
    }

    @Test func `A channel shuffle couples the groups through both of its reshapes`() throws {
        let groups = try reshape([2, 8, 4, 5], [2, 2, 4, 4, 5])
        #expect(groups.contains(AxisLink(.input(0, axis: 1), .output(0, axis: 2), .modulo(4))))
        let order = try SingleNode("Transpose", [[2, 2, 4, 4, 5]], ["perm": .ints([0, 2, 1, 3, 4])]).links()
        #expect(order.contains(AxisLink(.input(0, axis: 2), .output(0, axis: 1))))
        let shuffled = try reshape([2, 4, 2, 4, 5], [2, 8, 4, 5])
        #expect(shuffled.contains(AxisLink(.input(0, axis: 1), .output(0, axis: 1), .blocks(size: 2))))
    }

    @Test func `Attention heads lose features together`() throws {
        let split = try reshape([2, 16, 12], [2, 16, 3, 4])
        #expect(split.contains(AxisLink(.input(0, axis: 2), .output(0, axis: 3), .modulo(4))))
        let merged = try reshape([2, 16, 3, 4], [2, 16, 12])
        #expect(merged.contains(AxisLink(.output(0, axis: 2), .input(0, axis: 3), .modulo(4))))
    }

    @Test func `Heads beside the batch lose features together too`() throws {
        #expect(
            try reshape([16, 2, 12], [16, 6, 4]) == [
                AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
                AxisLink(.input(0, axis: 1), .output(0, axis: 1), .blocks(size: 3)),
                AxisLink(.input(0, axis: 2), .output(0, axis: 2), .modulo(4)),
            ])
        #expect(
            try reshape(
                [16, 6, 4], [16, 2, 12], heads: HeadAxes(axes: [.input(0, axis: 1)], channels: .headDimensions)
            ).contains(AxisLink(.output(0, axis: 2), .input(0, axis: 2), .modulo(4))))
    }

    @Test func `Channels between a batch and rows are the middle digit`() throws {
        let links = try reshape([2, 6, 4, 4], [24, 2, 2, 2])
        let middle = AxisLink.Mapping.digit(count: 6, sourceStride: 2, targetStride: 1)
        #expect(links.contains(AxisLink(.output(0, axis: 0), .input(0, axis: 1), middle)))
        let back = try reshape([24, 2, 2, 2], [2, 6, 4, 4])
        #expect(back.contains(AxisLink(.input(0, axis: 0), .output(0, axis: 1), middle)))
    }

    @Test func `Where both sides share the axis, digits are compared`() throws {
        // Queries, keys and values of three heads, beside the batch.
        let links = try reshape(
            [16, 2, 36], [16, 18, 4], heads: HeadAxes(axes: [.output(0, axis: 1)], channels: .heads))
        #expect(
            links == [
                AxisLink(.input(0, axis: 0), .output(0, axis: 0)),
                AxisLink(
                    .input(0, axis: 2), .output(0, axis: 1), .digit(count: 9, sourceStride: 4, targetStride: 1)),
            ])
    }

    @Test func `Axes known to number heads are taken or left as asked`() throws {
        let heads = SlotAxis.output(0, axis: 1)
        func channelsFirst(_ channels: AttentionChannels) throws -> Set<AxisLink> {
            try reshape([2, 12, 16], [2, 3, 4, 16], heads: HeadAxes(axes: [heads], channels: channels))
        }
        #expect(try channelsFirst(.heads).contains(AxisLink(heads, .input(0, axis: 1), .blocks(size: 4))))
        #expect(
            try channelsFirst(.headDimensions).contains(
                AxisLink(.input(0, axis: 1), .output(0, axis: 2), .modulo(4))))
        func merged(_ channels: AttentionChannels) throws -> Set<AxisLink> {
            try reshape(
                [2, 3, 4, 16], [2, 12, 16], heads: HeadAxes(axes: [.input(0, axis: 1)], channels: channels))
        }
        #expect(
            try merged(.heads).contains(AxisLink(.input(0, axis: 1), .output(0, axis: 1), .blocks(size: 4))))
        #expect(
            try merged(.headDimensions).contains(AxisLink(.output(0, axis: 1), .input(0, axis: 2), .modulo(4))))
    }

    @Test func `A reshape that mixes axes says why, and lets the others pass`() throws {
        let mixed = try SingleNode("Reshape", [[2, 5, 4, 6], .ints([2, 5, 6, 4])])
        guard case .partial(let links, let reason) = mixed.definition.channelFlow(of: mixed.context) else {
            Issue.record("channels were followed")
            return
        }
        #expect(
            links == [
                AxisLink(.input(0, axis: 0), .output(0, axis: 0)), AxisLink(.input(0, axis: 1), .output(0, axis: 1)),
            ])
        #expect(reason == "[2, 5, 4, 6] to [2, 5, 6, 4] mixes axes [2, 3] with one another")
    }

    @Test func `Removed and inserted axes leave the others linked`() throws {
        #expect(
            try SingleNode("Squeeze", [[2, 3, 1, 1], .ints([2, 3])]).links() == [
                AxisLink(.input(0, axis: 0), .output(0, axis: 0)), AxisLink(.input(0, axis: 1), .output(0, axis: 1)),
            ])
        #expect(
            try SingleNode("Unsqueeze", [[2, 3], .ints([0])]).links() == [
                AxisLink(.input(0, axis: 0), .output(0, axis: 1)), AxisLink(.input(0, axis: 1), .output(0, axis: 2)),
            ])
    }

    @Test func `Joined channels stand one behind the other`() throws {
        let links = try SingleNode("Concat", [[2, 3, 4], [2, 5, 4]], ["axis": .int(-2)]).links()
        #expect(links.count == 6)
        #expect(links.contains(AxisLink(.input(0, axis: 1), .output(0, axis: 1), .offset(0))))
        #expect(links.contains(AxisLink(.input(1, axis: 1), .output(0, axis: 1), .offset(3))))
        #expect(links.contains(AxisLink(.input(1, axis: 2), .output(0, axis: 2))))
    }

    @Test func `Cut channels know where they stood`() throws {
        let links = try SingleNode("Split", [[2, 8, 4], .ints([3, 5])], ["axis": .int(1)], outputs: 2).links()
        #expect(links.count == 6)
        #expect(links.contains(AxisLink(.output(0, axis: 1), .input(0, axis: 1), .offset(0))))
        #expect(links.contains(AxisLink(.output(1, axis: 1), .input(0, axis: 1), .offset(3))))
        #expect(links.contains(AxisLink(.output(1, axis: 0), .input(0, axis: 0))))
    }

    @Test func `A partial selection ends the path of its axis alone`() throws {
        let batch = AxisLink(.input(0, axis: 0), .output(0, axis: 0))
        let channels = AxisLink(.input(0, axis: 1), .output(0, axis: 1))
        #expect(
            try SingleNode("Slice", [[2, 3], .ints([2]), .ints([0]), .ints([1]), .ints([-1])]).links()
                .allSatisfy { $0.source.axis == 0 })
        #expect(try SingleNode("Gather", [[2, 3], .ints([2, 1, 0])], ["axis": .int(1)]).links() == [batch])
        #expect(
            try SingleNode("Gather", [[2, 3], .ints([0, 1, 2])], ["axis": .int(1)]).links() == [batch, channels])
        #expect(
            try SingleNode("Pad", [[2, 3], .ints([0, 1, 0, 0])], ["mode": .string("edge")]).links() == [batch])
        #expect(try SingleNode("Tile", [[2, 3], .ints([1, 2])]).links() == [batch])
    }

    @Test func `A slice and zeros beside what there is keep the order of the channels`() throws {
        let rows = AxisLink(.output(0, axis: 0), .input(0, axis: 0))
        let part = AxisLink(.output(0, axis: 1), .input(0, axis: 1), .offset(1))
        #expect(try SingleNode("Slice", [[2, 4], .ints([1]), .ints([3]), .ints([1])]).links() == [rows, part])
        let whole = AxisLink(.output(0, axis: 1), .input(0, axis: 1))
        #expect(try SingleNode("Slice", [[2, 3], .ints([0]), .ints([9]), .ints([1])]).links() == [rows, whole])
        let padded = AxisLink(.input(0, axis: 1), .output(0, axis: 1), .offset(1))
        #expect(
            try SingleNode("Pad", [[2, 3], .ints([0, 1, 0, 2])]).links()
                == [AxisLink(.input(0, axis: 0), .output(0, axis: 0)), padded])
    }

    @Test func `An index that takes an axis away moves those behind it`() throws {
        #expect(
            try SingleNode("Gather", [[2, 3, 4], .int(0)], ["axis": .int(1)]).links() == [
                AxisLink(.input(0, axis: 0), .output(0, axis: 0)), AxisLink(.input(0, axis: 2), .output(0, axis: 1)),
            ])
    }

    @Test func `Taking every entry stays so when there are fewer`() throws {
        let old = try SingleNode("Gather", [[2, 3], .ints([0, 1, 2])], ["axis": .int(1)])
        let new = try SingleNode("Gather", [[2, 2], .ints([0, 1])], ["axis": .int(1)])
        let settings = try old.definition.settings(of: old.context, resizedTo: new.context)
        #expect(settings.inputs[1] == TensorData([2], [0, 1] as [Int64]))
    }

    @Test func `Reduced axes end, kept ones move up`() throws {
        let mean = try SingleNode("ReduceMean", [[2, 3, 4, 5]], ["axes": .ints([0, 2]), "keepdims": .int(0)])
        #expect(
            try mean.links() == [
                AxisLink(.input(0, axis: 1), .output(0, axis: 0)), AxisLink(.input(0, axis: 3), .output(0, axis: 1)),
            ])
    }

    @Test func `Scales go with the channels they belong to`() throws {
        let scale = OperatorExample.Input.floats([1, 2, 3])
        let zero = OperatorExample.Input.constant(TensorData([3], [0, 0, 0] as [Int8]))
        let links = try SingleNode("QuantizeLinear", [[2, 3, 4], scale, zero]).links()
        #expect(links.count == 5)
        #expect(links.contains(AxisLink(.input(1, axis: 0), .output(0, axis: 1))))
        #expect(links.contains(AxisLink(.input(2, axis: 0), .output(0, axis: 1))))
        let blocks = OperatorExample.Input.constant(TensorData([2, 2], [1, 2, 3, 4] as [Float]))
        let weight = OperatorExample.Input.constant(TensorData(zeros: TensorType(.int4, [2, 8])))
        let blocked = try SingleNode("DequantizeLinear", [weight, blocks], ["axis": .int(1), "block_size": .int(4)])
        #expect(try blocked.links().contains(AxisLink(.input(1, axis: 1), .output(0, axis: 1), .blocks(size: 4))))
    }

    @Test func `Pixels made of channels take them along`() throws {
        let outerBlock = try SingleNode("DepthToSpace", [[2, 12, 2, 2]], ["blocksize": .int(2)]).links()
        #expect(outerBlock.contains(AxisLink(.input(0, axis: 1), .output(0, axis: 1), .modulo(3))))
        let attributes: [String: Attribute] = ["blocksize": .int(2), "mode": .string("CRD")]
        let innerBlock = try SingleNode(
            "DepthToSpace", [[2, 12, 2, 2]], .init(uniqueKeysWithValues: attributes.map { ($0, $1) })
        ).links()
        #expect(innerBlock.contains(AxisLink(.output(0, axis: 1), .input(0, axis: 1), .blocks(size: 4))))
    }

    @Test func `Channels end in a sum, where one that is zero is not missed`() throws {
        let rows = AxisLink(.input(0, axis: 0), .output(0, axis: 0))
        for name in ["ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare"] {
            #expect(
                try SingleNode(name, [[2, 3], .ints([1])]).links() == [rows, .ending(.input(0, axis: 1))], "\(name)")
        }
        for name in ["ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceLogSum", "ReduceLogSumExp"] {
            let node = try SingleNode(name, [.random([2, 3], in: 0.1...1)], ["axes": .ints([1])])
            #expect(try node.links() == [rows], "\(name)")
        }
    }

    @Test func `What is repeated may be repeated less often`() throws {
        #expect(
            try SingleNode("Expand", [[2, 1], .ints([3, 2, 4])]).links() == [
                .ending(.output(0, axis: 0)), AxisLink(.input(0, axis: 0), .output(0, axis: 1)),
                .ending(.output(0, axis: 2)),
            ])
    }

    private func reshape(_ shape: Shape, _ target: [Int], heads: HeadAxes? = nil) throws -> Set<AxisLink> {
        var node = try SingleNode("Reshape", [.random(shape, in: 0...1), .ints(target)])
        node.context.heads = heads
        return try node.links()
    }
}
