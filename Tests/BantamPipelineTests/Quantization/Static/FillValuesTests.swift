import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamQuantization

/// Constants that stand for "nothing here" are no part of an activation's range.
@Suite struct FillValuesTests {
    /// Where such a constant is met, between two convolutions.
    enum Place: String, CaseIterable, Sendable {
        case pad, padWide, padAxes, padRectified, padLeaky, padConcatenated, padBeforeReduction, whereMask, addedMask,
            concatenated, negated, sharedPad, padVolume
    }

    private static let fills: [Float] = [-.greatestFiniteMagnitude, -.infinity, -1e9, -65504, -1e4]

    private func pooled(
        _ x: ValueID, _ build: inout GraphBuilder, rank: Int = 2, name: String = "pool", kernel: Int = 3
    ) -> ValueID {
        build.node(
            "MaxPool", [x], name: name,
            attributes: [
                "kernel_shape": .ints([Int](repeating: kernel, count: rank)),
                "strides": .ints([Int](repeating: 2, count: rank)),
            ])
    }

    /// `x -> Conv -> (Relu) -> place -> Conv`
    private func graph(_ place: Place, fill: Float, rectified: Bool) -> Graph {
        let space = place == .padVolume ? [6, 6, 6] : [8, 8]
        var random = SeededGenerator(seed: 7).stream(place.rawValue)
        var build = GraphBuilder(name: place.rawValue)
        let x = build.input("input", .float32, ["N", 3] + space.map { .fixed($0) })
        func weight(_ shape: [Int]) -> TensorData { TensorData.random(Shape(shape), from: &random) }
        let kernel = space.map { _ in 3 }
        var value = build.convolution(x, "first", weight: weight([4, 3] + kernel))
        if rectified { value = build.node("Relu", [value], name: "relu") }
        func padded(_ x: ValueID, by amount: Int = 1) -> ValueID {
            let sides = [0, 0] + space.map { _ in amount }
            let amounts = build.constant("pads", TensorData([sides.count * 2], (sides + sides).map(Int64.init)))
            return build.node("Pad", [x, amounts, build.constant("fill", TensorData(scalar: fill))], name: "pad")
        }
        var channels = 4
        switch place {
        case .pad, .padVolume: value = pooled(padded(value), &build, rank: space.count)
        case .padWide: value = pooled(padded(value, by: 2), &build, kernel: 2)
        case .padAxes:
            let amounts = build.constant("pads", TensorData([4], [0, 1, 1, 1] as [Int64]))
            let axes = build.constant("axes", TensorData([2], [-2, 3] as [Int64]))
            let constant = build.constant("fill", TensorData(scalar: fill))
            value = pooled(build.node("Pad", [value, amounts, constant, axes], name: "pad"), &build)
        case .padRectified: value = pooled(build.node("Relu", [padded(value)], name: "late"), &build)
        case .padLeaky: value = pooled(build.node("LeakyRelu", [padded(value)], name: "late"), &build)
        case .padConcatenated:
            let parts = [padded(value), padded(value)]
            let both = build.node("Concat", parts, name: "join", attributes: ["axis": .int(1)])
            value = pooled(both, &build)
            channels = 8
        case .padBeforeReduction:
            let axes = build.constant("axes", TensorData([2], [2, 3] as [Int64]))
            value = build.node("ReduceMax", [padded(value), axes], name: "reduce")
        case .whereMask:
            let mask = TensorData([1, 1, 8, 8], (0..<64).map { $0 % 3 != 0 }.map { UInt8($0 ? 1 : 0) })
            let numbers = build.constant("mask", mask)
            let condition = build.node("Cast", [numbers], name: "cast", attributes: ["to": .int(9)])
            let constant = build.constant("fill", TensorData(scalar: fill))
            value = pooled(build.node("Where", [condition, value, constant], name: "where"), &build)
        case .addedMask:
            let mask = TensorData([1, 1, 8, 8], (0..<64).map { $0 % 3 == 0 ? fill : 0 })
            value = pooled(build.node("Add", [value, build.constant("mask", mask)], name: "mask"), &build)
        case .concatenated:
            let row = TensorData([1, 4, 1, 8], [Float](repeating: fill, count: 32))
            let expanded = build.constant("row", row)
            value = pooled(
                build.node("Concat", [value, expanded], name: "join", attributes: ["axis": .int(2)]), &build)
        case .negated:
            let positive = build.constant("fill", TensorData(scalar: -fill))
            let amounts = build.constant("pads", TensorData([8], [0, 0, 1, 1, 0, 0, 1, 1] as [Int64]))
            let pad = build.node("Pad", [value, amounts, positive], name: "pad")
            value = pooled(build.node("Neg", [pad], name: "negative"), &build)
        case .sharedPad:
            let pad = padded(value)
            let largest = pooled(pad, &build, name: "pool1")
            let other = pooled(pad, &build, name: "pool2", kernel: 2)
            let sized = build.node(
                "Concat",
                [
                    build.node("GlobalMaxPool", [largest], name: "g1"),
                    build.node("GlobalMaxPool", [other], name: "g2"),
                ], name: "join", attributes: ["axis": .int(1)])
            value = sized
            channels = 8
        }
        build.output(
            build.convolution(value, "second", weight: weight([5, channels] + kernel)), name: "output")
        return build.graph
    }

    @Test(arguments: Place.allCases, [true, false])
    func `The range is that of the other values`(place: Place, rectified: Bool) throws {
        // A window may hold nothing but padding, where it is wider than the kernel: then the output is infinite too.
        for fill in Self.fills where !(place == .padWide || place == .concatenated) || fill > -1e30 {
            let original = graph(place, fill: fill, rectified: rectified)
            let inputs = original.sampleInputs(batch: place == .concatenated ? 1 : 4)
            var (quantized, plan, _) = try PlannedGraph.make(original, profile: .x86VNNI, inputs: inputs)
            try StaticQuantization.apply(plan, to: &quantized)
            quantized.checkInvariants()
            #expect(
                place == .padWide || plan.activations.allSatisfy { $0.range.largestMagnitude < 1000 },
                "\(fill): \(plan.activations)")
            #expect(plan.nodes.filter { $0.placement == .integer }.map(\.macs).filter { $0 > 0 }.count == 2)
            guard place != .padWide else { continue }
            let (expected, found) = (try original.run(inputs)[0], try quantized.run(inputs)[0])
            let numbers = zip(expected.elements(of: Float.self), found.elements(of: Float.self))
            let noise = numbers.reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
            let signal = numbers.reduce(0) { $0 + Double($1.0 * $1.0) }
            #expect(signal > 100 * noise, "\(place) \(fill): \(signal) and \(noise)")
        }
    }

    @Test func `A pooling does the padding itself, with all in integers`() throws {
        for place in [Place.pad, .padAxes, .padVolume] {
            let original = graph(place, fill: -.greatestFiniteMagnitude, rectified: true)
            let inputs = original.sampleInputs(batch: 2)
            var prepared = original
            try StaticQuantization().prepare(&prepared)
            #expect(!prepared.nodes.values.contains { $0.operatorName == "Pad" })
            #expect(try prepared.run(inputs) == original.run(inputs))
            let plan = try PlannedGraph.make(original, profile: .x86VNNI, inputs: inputs).plan
            #expect(plan.nodes.allSatisfy { $0.placement != .float }, "\(plan.nodes)")
            #expect(try FoldPaddingIntoPooling().run(on: &prepared).changes == 0)
        }
    }

    @Test func `Padding that could win, or that a pooling cannot do, stays`() throws {
        for (place, fill) in [(Place.pad, -1.5 as Float), (.pad, 0), (.padWide, -1e9), (.padRectified, -1e9)] {
            var graph = graph(place, fill: fill, rectified: true)
            let before = graph
            #expect(try FoldPaddingIntoPooling().run(on: &graph).changes == 0)
            #expect(graph == before)
        }
    }

    @Test func `A pad that the model also returns keeps its value`() throws {
        var original = graph(.pad, fill: -1e9, rectified: true)
        let pad = try #require(original.nodes.values.first { $0.operatorName == "Pad" }?.mainOutput)
        original.addOutput(pad)
        let inputs = original.sampleInputs(batch: 2)
        var prepared = original
        #expect(try FoldPaddingIntoPooling().run(on: &prepared).changes == 1)
        prepared.checkInvariants()
        #expect(try prepared.run(inputs) == original.run(inputs))
    }
}
