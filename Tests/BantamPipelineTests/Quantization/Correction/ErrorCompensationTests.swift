import BantamGraph
import BantamNetwork
import BantamTensor
import BantamTestSupport
import Testing

@testable import BantamLayerwise
@testable import BantamQuantization

@Suite struct ErrorCompensationTests {
    /// A layer of each kind that has patches.
    struct Kind: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var operatorName = "Conv"
        /// `[N, C, ...]`
        var input: Shape
        var weight: Shape
        var attributes: [String: Attribute] = [:]

        static let all = [
            Kind(
                testDescription: "conv2d", input: [6, 6, 9, 9], weight: [5, 6, 3, 3],
                attributes: ["pads": .ints([1, 1, 1, 1])]),
            Kind(
                testDescription: "depthwise", input: [6, 24, 11, 11], weight: [24, 1, 5, 5],
                attributes: ["group": .int(24)]),
            Kind(
                testDescription: "grouped", input: [6, 6, 15, 12], weight: [4, 3, 3, 2],
                attributes: [
                    "group": .int(2), "strides": .ints([2, 1]), "dilations": .ints([1, 2]),
                    "pads": .ints([1, 0, 2, 1]),
                ]),
            Kind(
                testDescription: "conv1d", input: [6, 4, 40], weight: [5, 4, 5],
                attributes: ["auto_pad": .string("SAME_LOWER")]),
            Kind(
                testDescription: "conv3d", input: [4, 3, 6, 7, 7], weight: [4, 3, 3, 3, 3],
                attributes: ["pads": .ints([1, 1, 1, 1, 1, 1]), "strides": .ints([1, 2, 1])]),
            Kind(
                testDescription: "linear", operatorName: "Gemm", input: [300, 20], weight: [7, 20],
                attributes: ["transB": .int(1)]),
            Kind(testDescription: "linear, inputs first", operatorName: "Gemm", input: [300, 20], weight: [20, 7]),
        ]

        static func named(_ name: String) -> Kind { all.first { $0.testDescription == name } ?? all[0] }

        /// `y = layer(x)`, with its weight as the constant `weight`.
        var graph: Graph {
            var build = GraphBuilder(name: testDescription)
            let x = build.input("input", .float32, ["N"] + input.dimensions.dropFirst().map { .fixed($0) })
            var random = SeededGenerator(seed: 3).stream(testDescription)
            let weight = build.constant("weight", TensorData.random(weight, from: &random))
            build.output(
                build.node(
                    operatorName, [x, weight], name: "layer",
                    attributes: .init(uniqueKeysWithValues: attributes.sorted { $0.key < $1.key }.map { ($0, $1) })),
                name: "output")
            return build.graph
        }

        /// Numbers that follow those beside them, along every axis but the first, about a mean that is not 0.
        func samples(_ name: String = "samples") -> TensorData {
            var random = SeededGenerator(seed: 5).stream(name)
            var numbers = (0..<input.elementCount).map { _ in random.uniform(in: -1...1) }
            var stride = 1
            for size in input.dimensions.dropFirst().reversed() {
                for index in numbers.indices where index / stride % size > 0 {
                    numbers[index] = 0.44 * numbers[index] + 0.9 * numbers[index - stride]
                }
                stride *= size
            }
            return TensorData(input, numbers.map { $0 + 0.5 })
        }
    }

    private static let fewBits: TargetProfile = {
        var profile = TargetProfile.x86VNNI
        profile.weights = WeightFormat(bits: 3)
        return profile
    }()

    /// The integers of the layer's weight, compensated on the samples.
    private func compensated(
        _ graph: Graph, _ samples: TensorData, largest: Int = ErrorCompensation.largestBlock
    ) throws -> Tensor {
        let node = graph.nodes.values[graph.nodes.values.startIndex]
        let weight = try #require(graph.constant(named: "weight"))
        let covariance = PatchCovariance(of: node, try layout(graph), weight: weight.shape, largestBlock: largest)
        try covariance.observe(try Tensor(samples))
        return try ErrorCompensation.integers(
            of: try grid(weight), try covariance.damped(by: ErrorCompensation.damping), in: covariance.blocks
        ).integers
    }

    private func layout(_ graph: Graph) throws -> WeightLayout {
        let node = graph.nodes.values[graph.nodes.values.startIndex]
        return try #require(WeightLayout(of: node, in: try QuantizationScope(graph)))
    }

    private func grid(_ weight: TensorData, scale: Float = 0.3, limit: Int = 3) throws -> IntegerGrid {
        try IntegerGrid(
            weight, as: QuantizationParameters(scales: [scale], dtype: .int8, limits: -limit...limit), device: .cpu)
    }

    // MARK: What it is for

    @Test(arguments: Kind.all) func `A layer's result is less off than with the nearest integers`(kind: Kind) throws {
        let (original, inputs) = (kind.graph, [kind.samples()])
        let (float, plan, means) = try PlannedGraph.make(original, profile: Self.fewBits, inputs: inputs)
        // On other samples, so that only what holds in general counts.
        let others = [kind.samples("others")]
        let expected = try original.run(others)[0].elements(of: Float.self)
        func error(compensating: Bool) throws -> Double {
            var graph = float
            if compensating {
                let result = try CompensatedRounding().weights(
                    of: graph, plan: plan, samples: .init(try Tensor(inputs[0])))
                for (weight, numbers) in result.weights { graph.setConstant(weight, to: numbers) }
                let records = result.records
                #expect(records[0].changedShare > 0.05 && records[0].errorAfter < records[0].errorBefore)
            }
            _ = try BiasCorrection.apply(to: &graph, of: float, plan: plan, channelMeans: means)
            let parameters = plan.weights[0].parameters
            let after = try #require(graph.constant(named: plan.weights[0].value))
            let integers = parameters.quantize(after)
            #expect(!compensating || parameters.dequantize(integers) == after)
            #expect(integers.elements(of: Int8.self).allSatisfy { parameters.limits.contains(Int($0)) })
            try StaticQuantization.apply(plan, to: &graph)
            let actual = try graph.run(others)[0].elements(of: Float.self)
            return zip(expected, actual).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        }
        let (compensated, nearest) = (try error(compensating: true), try error(compensating: false))
        #expect(compensated < 0.7 * nearest, "\(compensated) beside \(nearest)")
    }

    @Test func `Nothing leaks`() throws {
        let kind = Kind.named("grouped")
        let (graph, samples) = (kind.graph, kind.samples())
        let live = Tensor.liveCountOnThread
        _ = try compensated(graph, samples).data()
        #expect(Tensor.liveCountOnThread == live)
    }

    // MARK: Patches

    @Test(arguments: Kind.all) func `The result is the product of patches and weight`(kind: Kind) throws {
        let (graph, samples) = (kind.graph, kind.samples())
        let layout = try layout(graph)
        let expected = try graph.run([samples])[0]
        let weight = graph.numbers("weight")
        let node = graph.nodes.values[graph.nodes.values.startIndex]
        let inputs = try node.inputs.map { try $0.map { try Tensor(graph.constants[$0] ?? samples) } }
        var products: [Float] = []
        try SingleLayer(node, inputs: inputs).forEachSliceOfPatches { slice, samples in
            let patches = try slice.data().elements(of: Float.self)
            let (rows, width) = (slice.shape[0], slice.shape[1])
            func product(row: Int, output: Int) -> Float {
                guard case .outputsFirst(let groups) = layout.order else {
                    return (0..<width).reduce(0) {
                        $0 + patches[row * width + $1] * weight[$1 * layout.outputCount + output]
                    }
                }
                let count = width / groups
                let start = row * width + output / (layout.outputCount / groups) * count
                return (0..<count).reduce(0) { $0 + patches[start + $1] * weight[output * count + $1] }
            }
            // Positions are innermost in a convolution's result; a linear layer's slice has a row for each sample.
            if kind.operatorName == "Gemm" {
                for row in 0..<rows {
                    for output in 0..<layout.outputCount { products.append(product(row: row, output: output)) }
                }
            } else {
                let positions = rows / samples.count
                for sample in 0..<samples.count {
                    for output in 0..<layout.outputCount {
                        for row in sample * positions..<(sample + 1) * positions {
                            products.append(product(row: row, output: output))
                        }
                    }
                }
            }
        }
        #expect(TensorData(expected.shape, products).difference(from: expected, tolerance: 1e-4) == nil)
    }

    @Test func `Left out positions are others in the next batch, and as many as are asked for stay`() throws {
        let weight = try Tensor(TensorData([1, 1, 3, 3], [Float](repeating: 0, count: 9)))
        let input = try Tensor(TensorData([2, 1, 12, 12], (0..<288).map { Float($0) }))
        let node = Kind.named("conv2d").graph.nodes.values[0]
        let patches = LayerPatches(of: node, weight: weight.shape, input: input.shape)
        let all = try patches.rows(of: input).data()
        #expect(all.shape == [288, 9])
        let some = try (0..<2).map { try patches.rows(of: input, limit: 32, turn: $0).data() }
        #expect(some[0].shape == [32, 9] && some[1].shape == [32, 9])
        func rows(_ data: TensorData) -> Set<[Float]> {
            let numbers = data.elements(of: Float.self)
            return Set((0..<data.shape[0]).map { Array(numbers[$0 * 9..<($0 + 1) * 9]) })
        }
        #expect(rows(some[0]).isDisjoint(with: rows(some[1])))
        #expect(rows(some[0]).union(rows(some[1])).isSubset(of: rows(all)))
    }

    // MARK: The method

    /// GPTQ as it is published, for `[K, M]` weights: by elimination in the inverse of the moments, in double precision.
    private func published(_ weight: [Double], moments: [[Double]], outputs: Int, limit: Double) -> [Double] {
        var (numbers, inverse) = (weight, inverted(moments))
        let count = moments.count
        for input in (0..<count).reversed() {
            for output in 0..<outputs {
                let number = numbers[input * outputs + output]
                let integer = min(max(number.rounded(.toNearestOrEven), -limit), limit)
                for other in 0..<input {
                    numbers[other * outputs + output] -=
                        (number - integer) * inverse[input][other] / inverse[input][input]
                }
                numbers[input * outputs + output] = integer
            }
            for row in 0..<input {
                for column in 0..<input {
                    inverse[row][column] -= inverse[row][input] * inverse[input][column] / inverse[input][input]
                }
            }
        }
        return numbers
    }

    /// Gauss and Jordan's, for positive definite matrices.
    private func inverted(_ matrix: [[Double]]) -> [[Double]] {
        let count = matrix.count
        var rows = matrix.enumerated().map { index, row in row + (0..<count).map { $0 == index ? 1.0 : 0 } }
        for pivot in 0..<count {
            let factor = 1 / rows[pivot][pivot]
            rows[pivot] = rows[pivot].map { $0 * factor }
            for row in 0..<count where row != pivot {
                let factor = rows[row][pivot]
                rows[row] = zip(rows[row], rows[pivot]).map { $0 - factor * $1 }
            }
        }
        return rows.map { Array($0[count...]) }
    }

    /// More inputs than are compensated at a time.
    @Test func `The integers are those of the published algorithm`() throws {
        let (count, outputs, samples) = (140, 3, 220)
        let kind = Kind(
            testDescription: "wide", operatorName: "Gemm", input: [samples, count], weight: [count, outputs])
        let (graph, data) = (kind.graph, kind.samples())
        let grid = try grid(try #require(graph.constant(named: "weight")))
        let found = try compensated(graph, data).data().elements(of: Float.self)

        let numbers = data.elements(of: Float.self).map(Double.init)
        func column(_ input: Int) -> [Double] {
            let column = (0..<samples).map { numbers[$0 * count + input] }
            let mean = column.reduce(0, +) / Double(samples)
            return column.map { $0 - mean }
        }
        let columns = (0..<count).map(column)
        var moments = columns.map { left in
            columns.map { right in zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } / Double(samples) }
        }
        let variance = (0..<count).reduce(0) { $0 + moments[$1][$1] } / Double(count)
        for input in 0..<count { moments[input][input] += 0.1 * variance }
        let quotients = try grid.quotient.data().elements(of: Float.self).map(Double.init)
        // Rounded from the last to the first of these.
        let order = (0..<count).sorted { moments[$0][$0] < moments[$1][$1] }
        let sorted = published(
            order.flatMap { quotients[$0 * outputs..<($0 + 1) * outputs] },
            moments: order.map { row in order.map { moments[row][$0] } }, outputs: outputs, limit: 3)
        var expected = quotients
        for (place, input) in order.enumerated() {
            for output in 0..<outputs { expected[input * outputs + output] = sorted[place * outputs + output] }
        }
        // A number that is as near to one integer as to the next may become either in float32, and others follow it.
        let differing = zip(found, expected).count { Double($0) != $1 }
        let notNearest = zip(found, quotients).count { Double($0) != min(max($1.rounded(), -3), 3) }
        #expect(differing <= 4 && notNearest > 40, "\(differing) of \(found.count), \(notNearest) not the nearest")
    }

    @Test(arguments: ["conv2d", "grouped", "linear", "linear, inputs first"])
    func `Channels beyond the largest block are compensated apart`(name: String) throws {
        let kind = Kind.named(name)
        let (graph, samples) = (kind.graph, kind.samples())
        let weight = try #require(graph.constant(named: "weight"))
        let layout = try layout(graph)
        let channels = layout.inputCount / (kind.attributes["group"] == .int(2) ? 2 : 1)
        func integers(largest: Int) throws -> TensorData {
            try compensated(graph, samples, largest: largest).data()
        }
        let whole = try integers(largest: channels * layout.kernelSize)
        #expect(try integers(largest: channels * layout.kernelSize * 2) == whole)
        // Each channel on its own: as if the others were another group's.
        let apart = try integers(largest: layout.kernelSize)
        #expect(apart != whole)
        // What a block does does not depend on the inputs of the others.
        var numbers = samples.elements(of: Float.self)
        let length = samples.elementCount / kind.input[0] / kind.input[1]
        for index in numbers.indices where index / length % kind.input[1] > 0 { numbers[index] = 0 }
        let first = try compensated(graph, TensorData(kind.input, numbers), largest: layout.kernelSize).data()
        let nearest = try grid(weight).nearest(to: try grid(weight).quotient).data()
        for row in 0..<layout.rows {
            for column in 0..<layout.columns {
                let start = (row * layout.columns + column) * layout.kernelSize
                let elements = start..<start + layout.kernelSize
                let isFirst = layout.input(row: row, column: column) == 0
                #expect(
                    first.elements(of: Float.self)[elements]
                        == (isFirst ? apart : nearest).elements(of: Float.self)[elements])
            }
        }
    }

    // MARK: Inputs that say little

    @Test(arguments: [0, 0.3] as [Float], ["conv2d", "depthwise", "linear"])
    func `Inputs that do not vary leave the nearest integers`(level: Float, name: String) throws {
        var kind = Kind.named(name)
        // At a border the padding's zeros would vary.
        kind.attributes["pads"] = nil
        let graph = kind.graph
        let weight = try #require(graph.constant(named: "weight"))
        let constant = TensorData(kind.input, [Float](repeating: level, count: kind.input.elementCount))
        #expect(try grid(weight).shareNotNearest(try compensated(graph, constant)) == 0)
    }

    @Test func `A dead channel's weights are rounded to the nearest, and the others' as without it`() throws {
        let kind = Kind.named("conv2d")
        let graph = kind.graph
        var numbers = kind.samples().elements(of: Float.self)
        for index in numbers.indices where index / 81 % 6 == 2 { numbers[index] = 0 }
        let weight = try #require(graph.constant(named: "weight"))
        let grid = try grid(weight)
        let integers = try compensated(graph, TensorData(kind.input, numbers)).data().elements(of: Float.self)
        let nearest = try grid.nearest(to: grid.quotient).data().elements(of: Float.self)
        let isDead = integers.indices.map { $0 / 9 % 6 == 2 }
        #expect(zip(zip(integers, nearest), isDead).allSatisfy { !$1 || $0.0 == $0.1 })
        #expect(zip(zip(integers, nearest), isDead).contains { !$1 && $0.0 != $0.1 })
    }

    @Test func `One sample is enough where it has many positions, and harmless where it has one`() throws {
        var kind = Kind.named("conv2d")
        kind.input = [1, 6, 9, 9]
        var weight = try #require(kind.graph.constant(named: "weight"))
        let integers = try compensated(kind.graph, kind.samples())
        #expect(try grid(weight).shareNotNearest(integers) > 0.05)
        kind = Kind.named("linear")
        kind.input = [1, 20]
        weight = try #require(kind.graph.constant(named: "weight"))
        let alone = try compensated(kind.graph, kind.samples())
        #expect(try grid(weight).shareNotNearest(alone) == 0)
    }
}
