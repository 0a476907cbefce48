public import BantamGraph
import OrderedCollections

// Layers without weights. Names are optional: nothing is loaded into them.

extension LayerBuilder {
    public mutating func relu(_ input: ValueID, _ name: String = "relu") -> ValueID {
        graph.node("Relu", [input], name: name)
    }

    /// `min(max(x, 0), 6)`: Krizhevsky, *Convolutional Deep Belief Networks on CIFAR-10*, 2010.
    public mutating func relu6(_ input: ValueID, _ name: String = "relu6") -> ValueID {
        let bounds = [Float(0), 6].enumerated().map { graph.constant("\(name).bound\($0)", TensorData([], [$1])) }
        return graph.node("Clip", [input] + bounds, name: name)
    }

    public mutating func sigmoid(_ input: ValueID, _ name: String = "sigmoid") -> ValueID {
        graph.node("Sigmoid", [input], name: name)
    }

    /// `x * sigmoid(x)`: Ramachandran et al., *Searching for Activation Functions*, 2017.
    public mutating func swish(_ input: ValueID, _ name: String = "swish") -> ValueID {
        multiply(input, sigmoid(input, "\(name).sigmoid"), name)
    }

    /// `x * relu6(x + 3) / 6`: Howard et al., *Searching for MobileNetV3*, ICCV 2019.
    public mutating func hardSwish(_ input: ValueID, _ name: String = "hardswish") -> ValueID {
        graph.node("HardSwish", [input], name: name)
    }

    /// `slope * x + 1 / 2`, between 0 and 1. PyTorch's slope is 1/6, which makes it `relu6(x + 3) / 6`; Keras' is 1/5.
    public mutating func hardSigmoid(
        _ input: ValueID, slope: Float = 1 / 6, _ name: String = "hardsigmoid"
    ) -> ValueID {
        graph.node("HardSigmoid", [input], name: name, attributes: ["alpha": .float(slope), "beta": .float(0.5)])
    }

    public mutating func add(_ left: ValueID, _ right: ValueID, _ name: String = "add") -> ValueID {
        graph.node("Add", [left, right], name: name)
    }

    public mutating func multiply(_ left: ValueID, _ right: ValueID, _ name: String = "mul") -> ValueID {
        graph.node("Mul", [left, right], name: name)
    }

    public mutating func concatenate(_ inputs: [ValueID], axis: Int = 1, _ name: String = "concat") -> ValueID {
        graph.node("Concat", inputs, name: name, attributes: ["axis": .int(axis)])
    }

    /// Parts of the given sizes along an axis.
    public mutating func split(
        _ input: ValueID, sizes: [Int], axis: Int = 1, _ name: String = "split"
    ) -> [ValueID] {
        let list = integers("\(name).sizes", sizes)
        return graph.nodes(
            "Split", [input, list], name: name, outputs: sizes.count, attributes: ["axis": .int(axis)])
    }

    /// A size of 0 keeps the input's, one of -1 takes what is left.
    public mutating func reshape(_ input: ValueID, _ sizes: [Int], _ name: String = "reshape") -> ValueID {
        graph.node("Reshape", [input, integers("\(name).shape", sizes)], name: name)
    }

    public mutating func transpose(_ input: ValueID, _ order: [Int], _ name: String = "transpose") -> ValueID {
        graph.node("Transpose", [input], name: name, attributes: ["perm": .ints(order)])
    }

    /// Every `step`-th index of an axis, from `start` until before `end`.
    public mutating func slice(
        _ input: ValueID, axis: Int, from start: Int, to end: Int = .max, step: Int = 1, _ name: String = "slice"
    ) -> ValueID {
        let lists = [("starts", start), ("ends", end), ("axes", axis), ("steps", step)]
            .map { integers("\(name).\($0.0)", [$0.1]) }
        return graph.node("Slice", [input] + lists, name: name)
    }

    public mutating func maxPool(
        _ input: ValueID, _ name: String, kernel: [Int], stride: [Int]? = nil, padding: Padding = .none,
        roundingUp: Bool = false
    ) -> ValueID {
        pool("MaxPool", input, name, kernel, stride, padding, roundingUp ? ["ceil_mode": .int(1)] : [:])
    }

    /// - Parameter countingPadding: Whether the zeros of the padding count in the mean.
    public mutating func averagePool(
        _ input: ValueID, _ name: String, kernel: [Int], stride: [Int]? = nil, padding: Padding = .none,
        countingPadding: Bool = true
    ) -> ValueID {
        pool(
            "AveragePool", input, name, kernel, stride, padding,
            ["count_include_pad": .int(countingPadding ? 1 : 0)])
    }

    /// `[N, C, ...]` to `[N, C, 1, ...]`.
    public mutating func globalAveragePool(_ input: ValueID, _ name: String = "avgpool") -> ValueID {
        graph.node("GlobalAveragePool", [input], name: name)
    }

    /// `[N, C, ...]` to `[N, C * ...]`.
    public mutating func flatten(_ input: ValueID, _ name: String = "flatten") -> ValueID {
        graph.node("Flatten", [input], name: name, attributes: ["axis": .int(1)])
    }

    /// Zeroes a share of the values while training.
    public mutating func dropout(_ input: ValueID, share: Float, _ name: String = "dropout") -> ValueID {
        let ratio = graph.constant("\(name).ratio", TensorData([], [share]))
        return graph.node("Dropout", [input, ratio], name: name)
    }

    /// A list of whole numbers, as shapes and axes are given.
    public mutating func integers(_ name: String, _ numbers: [Int]) -> ValueID {
        graph.constant(name, TensorData([numbers.count], numbers.map(Int64.init)))
    }

    private mutating func pool(
        _ operatorName: String, _ input: ValueID, _ name: String, _ kernel: [Int], _ stride: [Int]?,
        _ padding: Padding, _ extra: OrderedDictionary<String, Attribute>
    ) -> ValueID {
        var attributes: OrderedDictionary<String, Attribute> = [
            "kernel_shape": .ints(kernel), "strides": .ints(stride ?? kernel),
        ]
        attributes.merge(padding.attributes(rank: kernel.count)) { $1 }
        attributes.merge(extra) { $1 }
        return graph.node(operatorName, [input], name: name, attributes: attributes)
    }
}
