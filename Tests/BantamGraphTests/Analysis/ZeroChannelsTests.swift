import BantamGraph
import BantamTestSupport
import Testing

/// Which sums over channels may lose channels: only those of channels that are zero where their weights are.
@Suite struct ZeroChannelsTests {
    /// What a convolution's four channels, `[N, 4, 8, 8]`, become before they are added up.
    typealias Body = (_ build: inout GraphBuilder, _ x: ValueID) -> ValueID

    private func obstacle(_ body: Body) throws -> String? {
        var build = GraphBuilder(name: "sum")
        let x = build.layer("Conv", build.input("x", .float32, ["N", 3, 8, 8]), "conv", [4, 3, 1, 1])
        let sum = build.node(
            "ReduceSum", [body(&build, x)], name: "sum", attributes: ["axes": .ints([1]), "keepdims": .int(0)])
        build.output(sum, name: "y")
        let groups = try ChannelGroups(of: build.graph).groups
        return try #require(groups.first { $0.channelCount == 4 }).obstacle
    }

    private func scalar(_ build: inout GraphBuilder, _ number: Float) -> ValueID {
        build.constant("scalar", TensorData(scalar: number))
    }

    private static let reason = "sum (ReduceSum): it adds up what"

    @Test(arguments: [
        ("Clip", 0.5 as Float, false), ("Clip", 0, true), ("Clip", -1, true), ("Add", 0.1, false), ("Add", 0, true),
        ("Sub", 2, false), ("Mul", 2, true), ("Div", 2, true), ("Pow", 0, false), ("Pow", 2, true), ("Pow", -1, false),
        ("Max", 0.5, false), ("Max", 0, true), ("Min", -0.5, false), ("Min", 0, true), ("Max", -1, false),
    ]) func `An operation with one number decides by f(0)`(_ name: String, _ number: Float, _ mayGo: Bool) throws {
        let found = try obstacle { build, x in
            let constant = scalar(&build, number)
            return build.node(name, [x, constant], name: "f")
        }
        #expect((found == nil) == mayGo, "\(found ?? "removable")")
        if let found { #expect(found == "\(Self.reason) f (\(name)) makes of channels that are zero") }
    }

    @Test func `An upper limit below zero counts like a lower one above it`() throws {
        let found = try obstacle { build, x in
            let upper = scalar(&build, -0.5)
            return build.node("Clip", [x, nil, upper], name: "f")
        }
        #expect(found?.hasPrefix(Self.reason) == true)
    }

    @Test(arguments: [
        ("LessOrEqual", false), ("GreaterOrEqual", false), ("Equal", false), ("Less", true), ("Greater", true),
    ]) func `A comparison with zero decides by what holds between zeros`(_ name: String, _ mayGo: Bool) throws {
        let found = try obstacle { build, x in
            let zero = scalar(&build, 0)
            let holds = build.node(name, [x, zero], name: "f")
            return build.node("Cast", [holds], name: "cast", attributes: ["to": .int(DType.float32.onnxCode)])
        }
        #expect((found == nil) == mayGo, "\(found ?? "removable")")
    }

    @Test(arguments: ["Sigmoid", "HardSigmoid", "Exp", "Cos", "Softplus", "Reciprocal", "Log", "Acos", "Cosh"])
    func `Functions that are not zero at zero keep the channels`(_ name: String) throws {
        #expect(try obstacle { build, x in build.node(name, [x], name: "f") }?.hasPrefix(Self.reason) == true)
    }

    @Test(arguments: ["Relu", "LeakyRelu", "HardSwish", "Tanh", "Gelu", "Mish", "Erf", "Abs", "Sqrt", "Elu", "Sin"])
    func `Functions that are zero at zero let them go`(_ name: String) throws {
        #expect(try obstacle { build, x in build.node(name, [x], name: "f") } == nil)
    }

    @Test func `A choice with a number other than zero keeps the channels, whatever the condition`() throws {
        for (number, mayGo) in [(1 as Float, false), (0, true)] {
            let found = try obstacle { build, x in
                let zero = build.constant("zero", TensorData(scalar: 0 as Float))
                let other = scalar(&build, number)
                return build.node("Where", [build.node("Greater", [x, zero]), x, other], name: "f")
            }
            #expect((found == nil) == mayGo)
        }
    }

    @Test func `Padding with another number than zero keeps the channels`() throws {
        for (number, mayGo) in [(1 as Float, false), (0, true)] {
            let found = try obstacle { build, x in
                let pads = build.ints("pads", [0, 0, 1, 1, 0, 0, 1, 1])
                let fill = scalar(&build, number)
                return build.node("Pad", [x, pads, fill], name: "f")
            }
            #expect((found == nil) == mayGo)
        }
    }

    @Test func `A constant with one number a channel goes along; one by position stays and counts`() throws {
        #expect(
            try obstacle { build, x in
                let shift = build.constant("shift", Samples.tensor([4, 1, 1]))
                return build.node("Add", [x, shift], name: "f")
            } == nil)
        let byPosition = try obstacle { build, x in
            let shift = build.constant("shift", Samples.tensor([8, 8]))
            return build.node("Add", [x, shift], name: "f")
        }
        #expect(byPosition?.hasPrefix(Self.reason) == true)
    }

    @Test func `Adding something computed that all channels share keeps them; multiplying does not`() throws {
        for (name, mayGo) in [("Add", false), ("Mul", true)] {
            let found = try obstacle { build, x in
                let shared = build.layer("Conv", x, "shared", [1, 4, 1, 1])
                return build.node(name, [x, shared], name: "f")
            }
            #expect((found == nil) == mayGo, "\(name)")
        }
    }

    @Test func `Layers with a weight for each channel begin anew`() throws {
        #expect(
            try obstacle { build, x in
                let lifted = build.node("Sigmoid", [x])
                return build.layer("Conv", lifted, "depthwise", [4, 1, 3, 3], ["group": .int(4)])
            } == nil)
    }

    @Test func `The reason is found through movements, and far back`() throws {
        let found = try obstacle { build, x in
            var x = build.node("Sigmoid", [x], name: "f")
            for step in 0..<100 { x = build.node("Relu", [x], name: "relu\(step)") }
            let split = build.nodes(
                "Split", [x, build.ints("parts", [3, 5])], name: "split", outputs: 2, attributes: ["axis": .int(2)])
            return build.node("Concat", [split[1], split[0]], name: "concat", attributes: ["axis": .int(2)])
        }
        #expect(found == "\(Self.reason) f (Sigmoid) makes of channels that are zero")
    }

    /// Two activated layers of four channels, whose product is taken over them.
    private func product(_ activation: String, by operatorName: String) throws -> [ChannelGroup] {
        var build = GraphBuilder(name: "linear attention")
        let x = build.input("x", .float32, [6, 8])
        func branch(_ name: String) -> ValueID {
            let weight = build.constant("\(name).weight", Samples.tensor([8, 4]))
            return build.node(activation, [build.node("MatMul", [x, weight], name: name)], name: "\(name).act")
        }
        let (query, key) = (branch("q"), branch("k"))
        let turned = build.node("Transpose", [key], name: "turn", attributes: ["perm": .ints([1, 0])])
        let attributes: Attribute? = operatorName == "Einsum" ? .string("ij,jk->ik") : nil
        build.output(
            build.node(
                operatorName, [query, turned], name: "scores", attributes: attributes.map { ["equation": $0] } ?? [:]),
            name: "y")
        return try ChannelGroups(of: build.graph).groups.filter { $0.channelCount == 4 }
    }

    @Test(arguments: ["MatMul", "Gemm", "Einsum"]) func `A product of two computed matrices adds up channels too`(
        _ name: String
    ) throws {
        #expect(try product("Tanh", by: name).map(\.obstacle) == [nil])
        let groups = try product("Sigmoid", by: name)
        #expect(!groups.isEmpty && groups.allSatisfy { !$0.isPrunable })
        #expect(groups.first?.obstacle?.contains("scores (\(name)): it adds up what") == true)
    }
}
