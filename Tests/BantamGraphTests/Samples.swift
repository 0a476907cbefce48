import BantamGraph
import OrderedCollections

/// Models and numbers that several suites share.
enum Samples {
    /// PyTorch's introductory network for 28 x 28 images: 21,840 parameters.
    static func simpleCNN() -> Graph {
        var build = GraphBuilder(name: "simple_cnn")
        let input = build.input("input", .float32, ["N", 1, 28, 28])
        let conv1 = build.layer("Conv", input, "conv1", [10, 1, 5, 5], ["kernel_shape": .ints([5, 5])])
        let pool1 = build.maxPool(conv1, "pool1")
        let relu1 = build.node("Relu", [pool1], name: "relu1")
        let conv2 = build.layer("Conv", relu1, "conv2", [20, 10, 5, 5], ["kernel_shape": .ints([5, 5])])
        let pool2 = build.maxPool(conv2, "pool2")
        let relu2 = build.node("Relu", [pool2], name: "relu2")
        let flat = build.node("Flatten", [relu2], name: "flatten", attributes: ["axis": .int(1)])
        let fc1 = build.layer("Gemm", flat, "fc1", [50, 320], ["transB": .int(1)])
        let relu3 = build.node("Relu", [fc1], name: "relu3")
        build.output(build.layer("Gemm", relu3, "fc2", [10, 50], ["transB": .int(1)]), name: "logits")
        return build.graph
    }

    /// `count` numbers that are neither zero nor equal.
    static func numbers(_ count: Int) -> [Float] { (0..<count).map { 0.5 + Float($0) / 8 } }

    static func tensor(_ shape: Shape) -> TensorData { TensorData(shape, numbers(shape.elementCount)) }
}

extension GraphBuilder {
    /// A node with a weight of the given shape and a bias with one number for each entry of its first axis.
    mutating func layer(
        _ operatorName: String, _ x: ValueID, _ name: String, _ shape: Shape,
        _ attributes: OrderedDictionary<String, Attribute> = [:]
    ) -> ValueID {
        let weight = constant("\(name).weight", Samples.tensor(shape))
        let bias = constant("\(name).bias", Samples.tensor([shape[0]]))
        return node(operatorName, [x, weight, bias], name: name, attributes: attributes)
    }

    mutating func maxPool(_ x: ValueID, _ name: String) -> ValueID {
        node(
            "MaxPool", [x], name: name,
            attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
    }

    mutating func ints(_ name: String, _ numbers: [Int]) -> ValueID {
        constant(name, TensorData([numbers.count], numbers.map(Int64.init)))
    }
}

extension Graph {
    /// The nodes' operators, in order.
    var operators: [String] { nodes.values.map(\.operatorName) }

    func constant(named name: String) -> TensorData? { value(named: name).flatMap { constants[$0] } }

    func node(named name: String) -> Node? { nodes.values.first { $0.name == name } }
}

extension TensorData {
    var floats: [Float] { elements(of: Float.self) }
    var ints: [Int64] { elements(of: Int64.self) }
}
