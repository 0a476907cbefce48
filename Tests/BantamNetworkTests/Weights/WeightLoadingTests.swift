import BantamGraph
import BantamNetwork
import BantamTestSupport
import FoundationEssentials
import OrderedCollections
import Testing

@Suite struct WeightLoadingTests {
    /// `conv` (3, 2, 3, 3) and `bn`, then a classifier `fc`.
    private func graph(classCount: Int = 4) -> Graph {
        var build = LayerBuilder(name: "tiny", weights: .random(seed: 1))
        let input = build.graph.input("input", .float32, ["N", 2, 3, 3])
        let x = build.convolution(input, "conv", channels: (2, 3), kernel: [3, 3])
        let y = build.batchNorm(x, "bn", channels: 3)
        build.graph.output(build.linear(build.flatten(y), "fc", features: (3, classCount)), name: "logits")
        return build.graph.graph
    }

    private func file(_ name: String = "zip.pth") throws -> WeightFile {
        try WeightFile.read(fixture("weights/\(name)"))
    }

    private func load(_ file: WeightFile, into graph: inout Graph, isPartial: Bool = false) throws -> WeightPlan {
        let plan = try WeightLoading.plan(for: graph, from: file, isPartial: isPartial)
        WeightLoading.apply(plan, from: file, to: &graph)
        return plan
    }

    private func constant(_ name: String, of graph: Graph) throws -> TensorData {
        try #require(graph.value(named: name).flatMap { graph.constants[$0] })
    }

    static let names = [
        "conv.weight", "conv.bias", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "fc.weight", "fc.bias",
    ]

    @Test(arguments: [("zip.pth", ""), ("wrapped.pth", "module."), ("nested.pth", "")])
    func `A file fills every weight of its network`(_ name: String, _ prefix: String) throws {
        var graph = graph()
        let file = try file(name)
        let plan = try load(file, into: &graph)
        #expect(plan.loaded == Self.names && plan.prefix == prefix && plan.isComplete && plan.unloaded.isEmpty)
        for name in Self.names { #expect(try constant(name, of: graph) == file.tensors[prefix + name]) }
    }

    @Test(arguments: [DType.float64, .float16, .bfloat16]) func `Other types are converted`(_ dtype: DType) throws {
        var graph = graph()
        var file = try file()
        let original = file.tensors
        for (name, tensor) in original where tensor.dtype == .float32 {
            file.tensors[name] = tensor.converted(to: dtype)
        }
        let plan = try load(file, into: &graph)
        #expect(plan.converted == [dtype.rawValue: 8])
        // Quarters up to 10 have few enough digits for each of the types.
        for name in Self.names { #expect(try constant(name, of: graph) == original[name], "\(name)") }
    }

    @Test(arguments: [["module.", "model."], ["backbone."], ["_orig_mod.", "module."]])
    func `What wrappers put in front of names is taken off`(_ parts: [String]) throws {
        var graph = graph()
        var file = try file()
        let prefix = parts.joined()
        file.tensors = OrderedDictionary(uniqueKeysWithValues: file.tensors.map { (prefix + $0.key, $0.value) })
        let plan = try load(file, into: &graph)
        #expect(plan.loaded == Self.names && plan.prefix == prefix && plan.isComplete)
    }

    @Test func `A classifier of other classes keeps its own weights, and the plan says so`() throws {
        var graph = graph(classCount: 7)
        let before = graph
        let plan = try load(try file(), into: &graph)
        #expect(plan.reinitialized == ["fc.weight", "fc.bias"])
        #expect(plan.loaded == Self.names.filter { !$0.hasPrefix("fc") } && plan.isComplete)
        for name in plan.reinitialized { #expect(try constant(name, of: graph) == constant(name, of: before)) }
        #expect(try constant("conv.weight", of: graph) != constant("conv.weight", of: before))
    }

    @Test func `A file without a classifier fills the rest`() throws {
        var graph = graph()
        var file = try file()
        file.tensors["fc.weight"] = nil
        file.tensors["fc.bias"] = nil
        #expect(try load(file, into: &graph).reinitialized == ["fc.weight", "fc.bias"])
    }

    @Test func `Axes of one element at the end do not matter`() throws {
        var graph = graph()
        var file = try file()
        file.tensors["fc.weight"] = file.tensors["fc.weight"]?.reshaped(to: [4, 3, 1, 1])
        #expect(try load(file, into: &graph).loaded == Self.names)
        #expect(try constant("fc.weight", of: graph).shape == [4, 3])
    }

    @Test func `A weight that is missing or of another shape, or a tensor without a place, is an error by name`() throws
    {
        let graph = graph()
        var lacking = try file()
        lacking.tensors["bn.running_var"] = nil
        var unlike = try file()
        unlike.tensors["conv.weight"] = TensorData(zeros: TensorType(.float32, [3, 2, 5, 5]))
        var integers = try file()
        integers.tensors["conv.weight"] = TensorData(zeros: TensorType(.int8, [3, 2, 3, 3]))
        var larger = try file()
        larger.tensors["conv2.weight"] = TensorData(zeros: TensorType(.float32, [3]))
        for (file, words) in [
            (lacking, "lacks bn.running_var"), (unlike, "conv.weight (float32[3, 2, 5, 5], not float32[3, 2, 3, 3])"),
            (integers, "conv.weight (int8"), (larger, "without a place: conv2.weight"),
        ] {
            let error = #expect(throws: NetworkError.self) { try WeightLoading.plan(for: graph, from: file) }
            #expect(error?.code == .weightMismatch && error?.message.contains(words) == true, "\(error?.message ?? "")")
            var partial = graph
            let plan = try load(file, into: &partial, isPartial: true)
            #expect(!plan.isComplete)
            for name in plan.unloaded { #expect(try constant(name, of: partial) == constant(name, of: graph)) }
        }
    }

    @Test func `A file of another network is refused with names of both sides`() throws {
        let graph = graph()
        let file = try file("parts.pth")
        let error = #expect(throws: NetworkError.self) {
            try WeightLoading.plan(for: graph, from: file, isPartial: true)
        }
        #expect(error?.message.contains("encoder.weight") == true && error?.message.contains("conv.weight") == true)
    }

    @Test func `The plan survives JSON`() throws {
        let plan = try WeightLoading.plan(for: graph(classCount: 9), from: try file("wrapped.pth"))
        #expect(try JSONDecoder().decode(WeightPlan.self, from: try JSONEncoder().encode(plan)) == plan)
    }
}
