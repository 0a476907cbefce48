import BantamGraph
import Testing

@Suite struct TextPrinterTests {
    @Test func `A model is printed one node a line`() {
        #expect(
            TextPrinter().text(of: Samples.simpleCNN()) == """
                simple_cnn(input: float32[N, 1, 28, 28]) -> (logits: float32[N, 10])
                  conv1.out = Conv(input, conv1.weight[10, 1, 5, 5], conv1.bias[10]) kernel_shape=[5, 5]   // float32[N, 10, 24, 24], 144.0k MACs
                  pool1.out = MaxPool(conv1.out) kernel_shape=[2, 2] strides=[2, 2]   // float32[N, 10, 12, 12]
                  relu1.out = Relu(pool1.out)   // float32[N, 10, 12, 12]
                  conv2.out = Conv(relu1.out, conv2.weight[20, 10, 5, 5], conv2.bias[20]) kernel_shape=[5, 5]   // float32[N, 20, 8, 8], 320.0k MACs
                  pool2.out = MaxPool(conv2.out) kernel_shape=[2, 2] strides=[2, 2]   // float32[N, 20, 4, 4]
                  relu2.out = Relu(pool2.out)   // float32[N, 20, 4, 4]
                  flatten.out = Flatten(relu2.out) axis=1   // float32[N, 320]
                  fc1.out = Gemm(flatten.out, fc1.weight[50, 320], fc1.bias[50]) transB=1   // float32[N, 50], 16.0k MACs
                  relu3.out = Relu(fc1.out)   // float32[N, 50]
                  logits = Gemm(relu3.out, fc2.weight[10, 50], fc2.bias[10]) transB=1   // float32[N, 10], 500 MACs

                """)
    }

    @Test func `Types and costs can be left out`() {
        let text = TextPrinter(showsTypes: false, showsCosts: false).text(of: Samples.simpleCNN())
        #expect(text.contains("  relu3.out = Relu(fc1.out)\n"))
        #expect(!text.contains("//"))
    }

    @Test func `Short lists, omitted inputs and several outputs are shown`() {
        var build = GraphBuilder(name: "small")
        let input = build.input("x", .float32, [4, 6])
        let parts = build.nodes(
            "Split", [input, build.ints("sizes", [2, 4])], name: "split", outputs: 2, attributes: ["axis": .int(1)])
        let limit = build.constant("limit", TensorData(scalar: 6 as Float))
        build.output(build.node("Clip", [parts[1], nil, limit], name: "clip"), name: "y")
        #expect(
            TextPrinter().text(of: build.graph) == """
                small(x: float32[4, 6]) -> (y: float32[4, 4])
                  split.out0, split.out1 = Split(x, sizes{2, 4}) axis=1   // float32[4, 2], float32[4, 4]
                  y = Clip(split.out1, _, limit{6.0})   // float32[4, 4]

                """)
    }

    @Test func `What is wrong with a model is the last line`() {
        var graph = Graph(name: "broken")
        let input = graph.addInput("x", .float32, ["N", 2])
        graph.addOutput(graph.addNode("Frobnicate", name: "y", domain: "com.example", inputs: [input])[0])
        let lines = TextPrinter().text(of: graph).split(separator: "\n")
        #expect(lines[0] == "broken(x: float32[N, 2]) -> (y)")
        #expect(lines[1] == "  y = com.example.Frobnicate(x)")
        #expect(lines[2].hasPrefix("  // node y (Frobnicate): The operator Frobnicate of domain com.example is not"))
    }
}
