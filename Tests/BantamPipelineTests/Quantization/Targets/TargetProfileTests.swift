import BantamGraph
import BantamTestSupport
import Testing

@testable import BantamQuantization

@Suite struct TargetProfileTests {
    @Test func `Each profile is found by a name of its own and survives JSON`() throws {
        #expect(Set(TargetProfiles.all.map(\.name)).count == TargetProfiles.all.count)
        for profile in TargetProfiles.all {
            #expect(try TargetProfiles.profile(named: profile.name) == profile)
            #expect(try throughJSON(profile) == profile)
        }
        #expect(errorText { _ = try TargetProfiles.profile(named: "z80") }.contains("x86-vnni"))
    }

    @Test(arguments: TargetProfiles.all) func `Each names operators that exist`(profile: TargetProfile) {
        for name in profile.operators.map(\.name) + profile.fusedActivations {
            #expect(Operators.definition(named: name) != nil, "\(name)")
        }
    }

    @Test func `The profile decides by the number of spatial dimensions`() throws {
        let clip = TinyGraphs.twoPathwayVideo()
        let plan = try StaticQuantization().quantizing(clip).plan
        #expect(plan.nodes.count { $0.placement == .integer && $0.node.contains("Conv") } == 5)
        let text = errorText { _ = try StaticQuantization(profile: .armDotProduct).quantizing(clip.withoutLinear) }
        #expect(text.contains("arm-dot has no integer kernel for 3-dimensional Conv"))
    }

    @Test func `Depthwise convolutions have an entry of their own`() throws {
        for (rank, isInteger) in [(1, true), (2, true), (3, false)] {
            let graph = depthwiseGraph(rank: rank)
            let node = try #require(graph.nodes.values.first { $0.name == "depthwise" })
            let objection = TargetProfile.x86VNNI.objection(to: try ShapeInference(of: graph).context(of: node))
            #expect((objection == nil) == isInteger, "\(objection ?? "")")
        }
    }

    @Test(arguments: TargetProfiles.all) func `Stored integers are those of the profile`(profile: TargetProfile) throws
    {
        let quantized = try StaticQuantization(profile: profile).quantizing(TinyGraphs.residual())
        for activation in quantized.plan.activations {
            #expect(activation.parameters.dtype == profile.activations.dtype)
            #expect(!profile.activations.isSymmetric || activation.parameters.zeroPoint == 0)
        }
        for weight in quantized.plan.weights {
            #expect(weight.parameters.scales.count == 1 || profile.weights.isPerChannel)
            let data = try #require(quantized.graph.constant(named: weight.value))
            #expect(data.elements(of: Int8.self).allSatisfy { abs(Int($0)) <= profile.weights.largest })
        }
    }

    private func depthwiseGraph(rank: Int) -> Graph {
        var build = GraphBuilder(name: "depthwise\(rank)d")
        let space = [InputDimension](repeating: 8, count: rank)
        let x = build.input("input", .float32, ["N", 4] + space)
        let kernel = [Int](repeating: 3, count: rank)
        let shape = Shape([4, 1] + kernel)
        let weight = build.constant("weight", TensorData(zeros: TensorType(.float32, shape)))
        let y = build.node(
            "Conv", [x, weight], name: "depthwise",
            attributes: ["kernel_shape": .ints(kernel), "group": .int(4)])
        build.output(y, name: "output")
        return build.graph
    }
}

extension Graph {
    /// The graph up to its last layer.
    fileprivate var withoutLinear: Graph {
        var copy = self
        guard let linear = nodes.values.last, let features = linear.inputs[0] else { return self }
        copy.replaceUses(of: outputs[0], with: features)
        copy.removeNodes([linear.id])
        copy.removeUnusedConstants()
        return copy
    }
}
