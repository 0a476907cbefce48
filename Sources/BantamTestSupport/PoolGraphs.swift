public import BantamGraph
import OrderedCollections

/// Pools in all the ways that their windows can lie: padded, dilated, reaching beyond the padding, starting in it.
public enum PoolGraphs {
    public struct Sample: Sendable, CustomStringConvertible {
        public var graph: Graph
        public var description: String
    }

    private struct Window {
        var kernel: Int
        var stride: Int
        var pads: [Int]
        var size: Int
    }

    private static let windows = [
        Window(kernel: 2, stride: 2, pads: [0, 0, 0, 0], size: 7),
        Window(kernel: 3, stride: 2, pads: [1, 1, 1, 1], size: 8),
        Window(kernel: 3, stride: 2, pads: [1, 1, 1, 1], size: 7),
        Window(kernel: 3, stride: 2, pads: [0, 0, 1, 1], size: 8),
        Window(kernel: 3, stride: 2, pads: [1, 0, 0, 1], size: 8),
        Window(kernel: 2, stride: 3, pads: [1, 1, 1, 1], size: 7),
        Window(kernel: 3, stride: 3, pads: [1, 1, 1, 1], size: 9),
        Window(kernel: 2, stride: 2, pads: [1, 1, 1, 1], size: 7),
        Window(kernel: 1, stride: 2, pads: [0, 0, 0, 0], size: 8),
    ]

    /// Each with a free batch, of images `[N, 2, size, size]`.
    public static let all: [Sample] = ["AveragePool", "MaxPool", "LpPool"].flatMap { name in
        windows.flatMap { window in
            [0, 1].flatMap { rounding in
                (name == "AveragePool" ? [0, 1] : [0]).flatMap { counting in
                    [1, 2].flatMap { dilation in
                        ["NOTSET", "VALID", "SAME_UPPER"].map { mode in
                            sample(name, window, rounding, counting, dilation, mode)
                        }
                    }
                }
            }
        }
    }

    private static func sample(
        _ name: String, _ window: Window, _ rounding: Int, _ counting: Int, _ dilation: Int, _ mode: String
    ) -> Sample {
        var attributes: OrderedDictionary<String, Attribute> = [
            "kernel_shape": .ints([window.kernel, window.kernel]), "strides": .ints([window.stride, window.stride]),
            "ceil_mode": .int(rounding),
        ]
        if name == "AveragePool" { attributes["count_include_pad"] = .int(counting) }
        if dilation > 1 { attributes["dilations"] = .ints([dilation, dilation]) }
        if mode == "NOTSET" { attributes["pads"] = .ints(window.pads) } else { attributes["auto_pad"] = .string(mode) }
        var build = GraphBuilder(name: "pool")
        let image = build.input("image", .float32, ["N", 2, .fixed(window.size), .fixed(window.size)])
        build.output(build.node(name, [image], name: "pool", attributes: attributes), name: "y")
        let text = attributes.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        return Sample(graph: build.graph, description: "\(name) of \(window.size): \(text)")
    }
}
