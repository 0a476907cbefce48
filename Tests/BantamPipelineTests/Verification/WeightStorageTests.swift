import BantamGraph
import BantamPipeline
import BantamQuantization
import BantamTestSupport
import Testing

@Suite struct WeightStorageTests {
    private func kinds(_ graph: Graph) throws -> [String: WeightStorage.Kind] {
        Dictionary(
            try WeightStorage(of: graph).layers.map { ($0.layer, $0.kind) }, uniquingKeysWith: { first, _ in first })
    }

    @Test(arguments: TinyGraphs.names)
    func `What static quantization makes integers is found so, and nothing is at fault`(name: String) throws {
        let original = try #require(TinyGraphs.named(name))
        let before = try WeightStorage(of: original)
        #expect(!before.layers.isEmpty && before.layers.allSatisfy { $0.kind == .float && $0.dtype == .float32 })
        let (graph, plan) = try StaticQuantization().quantizing(original)
        let storage = try WeightStorage(of: graph)
        #expect(storage.faults.isEmpty)
        #expect(storage.layers.map(\.layer) == before.layers.map(\.layer))
        let integers = Set(plan.weights.map(\.value))
        for layer in storage.layers { #expect((layer.kind == .integer) == integers.contains(layer.weight), "\(layer)") }
        let bytes = graph.constants.values.reduce(0) { $0 + $1.byteCount.bytes }
        #expect(storage.totals.reduce(0) { $0 + $1.storedBytes.bytes } == bytes)
        #expect(try throughJSON(storage) == storage)
    }

    @Test(arguments: TinyGraphs.names)
    func `The same layers with their numbers put back behind QDQ are all at fault`(name: String) throws {
        let original = try #require(TinyGraphs.named(name))
        let graph = try StaticQuantization().quantizing(original).graph
        let faked = try fake(graph)
        let expected = try WeightStorage(of: graph).layers.filter { $0.kind == .integer }
        let faults = try WeightStorage(of: faked).faults
        #expect(!faults.isEmpty && faults.map(\.layer) == expected.map(\.layer))
        let fault = try #require(faults.first)
        #expect(fault.fault == "its weight \(fault.weight) is float32, rounded anew whenever the model is started")
        #expect(fault.storedBytes.bytes == 4 * expected[0].storedBytes.bytes)
    }

    /// A quantized graph as careless tools leave it: `W(float32) -> QuantizeLinear -> DequantizeLinear`.
    private func fake(_ graph: Graph) throws -> Graph {
        var graph = graph
        for node in graph.nodes.values where node.operatorName == "DequantizeLinear" {
            guard let weight = node.inputs[0], let data = graph.constants[weight], data.dtype == .int8 else { continue }
            let numbers = TensorData(data.shape, data.elements(of: Int8.self).map { Float($0) * 0.01 })
            let stored = graph.addConstant("\(graph[weight].name).float", numbers)
            let count = try #require(graph.constant(1, of: node)).elementCount
            let axis = node.attributes["axis"]
            let zero =
                axis == nil ? TensorData(scalar: Int8(0)) : TensorData([count], [Int8](repeating: 0, count: count))
            let rounded = graph.addNode(
                "QuantizeLinear", name: "\(node.name).q",
                inputs: [stored, node.inputs[1], graph.addConstant("\(node.name).zero", zero)],
                attributes: axis.map { ["axis": $0] } ?? [:], before: node.id)[0]
            graph.setInput(0, of: node.id, to: rounded)
        }
        graph.removeUnusedConstants()
        return graph
    }

    @Test func `A float layer whose input is rounded for it is at fault, one that reads what comes before is not`()
        throws
    {
        var graph = try StaticQuantization().quantizing(TinyGraphs.flattenToLinear()).graph
        let weight = try #require(graph.value(named: "linear2.weight.dequantized"))
        let layer = try #require(graph.consumers(of: weight).first)
        let float = graph.addConstant("numbers", TensorData([3, 10], [Float](repeating: 0.5, count: 30)))
        graph.setInput(1, of: layer, to: float)
        let fault = try #require(try WeightStorage(of: graph).faults.first)
        #expect(fault.layer == "linear2 (Gemm)")
        #expect(fault.fault == "its weight numbers is float32, and its input relu2.out.dequantized integers")
        graph.setInput(0, of: layer, to: graph.value(named: "relu2.out"))
        #expect(try WeightStorage(of: graph).faults.isEmpty)
        #expect(try kinds(graph)["linear2 (Gemm)"] == .float)
    }

    @Test(arguments: [["conv"], ["linear1"], ["conv", "linear2"]])
    func `Layers that were excluded are float and no fault`(excluded: [String]) throws {
        let graph = try StaticQuantization(excludedNodes: Set(excluded)).quantizing(TinyGraphs.flattenToLinear()).graph
        for (layer, kind) in try kinds(graph) {
            let isExcluded = excluded.contains { layer.hasPrefix("\($0) ") }
            #expect(kind == (isExcluded ? .float : .integer), "\(layer)")
        }
    }

    @Test(arguments: TinyGraphs.names)
    func `No layer is at fault because one was put back to float, wherever it stands`(name: String) throws {
        let original = try #require(TinyGraphs.named(name))
        for node in original.nodes.values where try kinds(original)[node.label] != nil {
            let method = StaticQuantization(excludedNodes: [node.name])
            // The only layer of a model cannot be left out.
            guard let graph = try? method.quantizing(original).graph else { continue }
            let storage = try WeightStorage(of: graph)
            #expect(storage.faults.isEmpty, "\(node.label): \(storage.faults)")
            #expect(storage.layers.filter { $0.layer == node.label }.allSatisfy { $0.kind == .float }, "\(node.label)")
        }
    }

    @Test func `Integer operators take integers, and weight-only layers compute in floating point`() throws {
        var dynamic = TinyGraphs.flattenToLinear()
        try DynamicQuantization.apply(try DynamicQuantization().plan(for: dynamic), to: &dynamic)
        #expect(try WeightStorage(of: dynamic).layers.map(\.kind) == [.integer, .integer, .integer])
        var weightOnly = TinyGraphs.flattenToLinear()
        try WeightOnlyQuantization.apply(try WeightOnlyQuantization().plan(for: weightOnly), to: &weightOnly)
        #expect(try WeightStorage(of: weightOnly).layers.allSatisfy { $0.kind == .integerWeights })
    }

    @Test func `An image that comes as integers does not make a float layer a fault`() throws {
        var build = GraphBuilder(name: "camera")
        let image = build.input("input", .uint8, ["N", 3, 4, 4])
        let scale = build.constant("scale", TensorData(scalar: 0.02 as Float))
        let numbers = build.node("DequantizeLinear", [image, scale], name: "normalize")
        let weight = build.constant("weight", TensorData([2, 3, 1, 1], [Float](repeating: 1, count: 6)))
        build.output(build.node("Conv", [numbers, weight], name: "conv"), name: "output")
        #expect(try WeightStorage(of: build.graph).layers.map(\.kind) == [.float])
    }

    @Test func `A weight that is made of several constants is traced to the largest`() throws {
        var build = GraphBuilder(name: "scaled")
        let x = build.input("input", .float32, ["N", 4])
        let integers = build.constant("integers", TensorData([4, 3], [Int8](repeating: 5, count: 12)))
        let numbers = build.node("Cast", [integers], name: "cast", attributes: ["to": .int(DType.float32.onnxCode)])
        let scale = build.constant("scale", TensorData([3], [0.1, 0.2, 0.3] as [Float]))
        let weight = build.node("Mul", [numbers, scale], name: "scaled")
        build.output(build.node("MatMul", [x, weight], name: "product"), name: "output")
        let layer = try #require(try WeightStorage(of: build.graph).layers.first)
        #expect(layer.weight == "integers" && layer.dtype == .int8 && layer.kind == .integerWeights)
        #expect(layer.storedBytes.bytes == 12)
    }

    @Test func `A product of two activations holds no weight`() throws {
        let layers = try WeightStorage(of: TinyGraphs.attention()).layers
        #expect(layers.allSatisfy { !$0.weight.isEmpty && $0.storedBytes.bytes > 0 })
        let products = TinyGraphs.attention().nodes.values.filter { $0.operatorName == "MatMul" }.count
        #expect(products > layers.count { $0.layer.hasSuffix("(MatMul)") })
    }
}
