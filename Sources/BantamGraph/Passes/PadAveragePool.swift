/// Makes padding that an average pool counts explicit, where its last window may reach beyond it.
///
/// ```
/// Given:  y = AveragePool(x) kernel_shape=[3, 3] strides=[2, 2] pads=[1, 1, 1, 1] ceil_mode=1 count_include_pad=1
/// Result: a = Pad(x, [0, 0, 1, 1, 0, 0, 1, 1]);  y = AveragePool(a) kernel_shape=[3, 3] strides=[2, 2] ceil_mode=1
/// ```
///
/// ONNX divides by the entries of the window within input and padding; OpenVINO by those of the whole window. They
/// agree on pools that do not count padding, and of the padded input all that is within the window counts.
///
/// Conditions: `ceil_mode` and `count_include_pad` are set, `auto_pad` and `dilations` are not, and the window has as
/// many positions in the padded input.
public struct PadAveragePool: GraphPass {
    public static let name = "PadAveragePool"

    public init() {}

    /// - Complexity: O(nodes); with such a pool in the graph, that of two shape inferences.
    public func run(on graph: inout Graph) throws(GraphError) -> PassResult {
        var result = PassResult()
        let pools = graph.nodes.values.filter { node in
            node.operatorName == "AveragePool" && node.domain.isEmpty && node.int("ceil_mode", default: 0) != 0
                && node.int("count_include_pad", default: 0) != 0
        }
        guard !pools.isEmpty else { return result }
        let sizes = try FreeDimensions(of: graph)
        for node in pools {
            guard let input = node.inputs.first ?? nil, let extents = sizes.sizes(of: input), extents.count >= 3 else {
                continue
            }
            let window: Window
            switch Window.of(node, over: Array(extents[2...])) {
            case .failure(let reason):
                result.skip(node, because: reason.text)
                continue
            case .success(let found): window = found
            }
            if window.isPadded {
                let pads = [0, 0] + window.begin + [0, 0] + window.end
                let constant = graph.addConstant("\(node.name).pads", TensorData([pads.count], pads.map(Int64.init)))
                let padded = graph.addNode(
                    "Pad", name: "\(node.name).pad", inputs: [input, constant], origin: node.origin, before: node.id)
                graph.setInput(0, of: node.id, to: padded[0])
            }
            graph.updateNode(node.id) {
                $0.attributes["count_include_pad"] = nil
                $0.attributes["pads"] = nil
            }
            result.changes += 1
        }
        return result
    }
}

/// The padding of a pool whose window slides over the padded input as over the input.
private struct Window {
    var begin: [Int]
    var end: [Int]

    var isPadded: Bool { (begin + end).contains { $0 != 0 } }

    struct Reason: Error { var text: String }

    static func of(_ node: Node, over sizes: [FreeDimensions.Size]) -> Result<Window, Reason> {
        func numbers(_ name: String, _ count: Int, _ value: Int) -> [Int]? {
            guard case .ints(let numbers)? = node.attributes[name] else { return Array(repeating: value, count: count) }
            return numbers.count == count ? numbers : nil
        }
        if case .string(let mode)? = node.attributes["auto_pad"], !["", "NOTSET"].contains(mode) {
            return .failure(Reason(text: "its padding follows from its input's size (auto_pad)"))
        }
        let rank = sizes.count
        guard let kernel = numbers("kernel_shape", rank, 1), let strides = numbers("strides", rank, 1),
            let dilations = numbers("dilations", rank, 1), let pads = numbers("pads", 2 * rank, 0)
        else { return .failure(Reason(text: "its settings do not fit its input")) }
        guard dilations.allSatisfy({ $0 == 1 }) else { return .failure(Reason(text: "it is dilated")) }
        let (begin, end) = (Array(pads[..<rank]), Array(pads[rank...]))
        for axis in sizes.indices {
            let slack = kernel[axis] - strides[axis]
            // Then no window starts in the padding at the end, whatever the size.
            if end[axis] <= slack { continue }
            guard case .fixed(let size) = sizes[axis] else {
                return .failure(Reason(text: "how often its window fits depends on a size that is free"))
            }
            let padded = size + begin[axis] + end[axis]
            guard
                positions(of: kernel[axis], strides[axis], in: padded, startingBefore: size + begin[axis])
                    == positions(of: kernel[axis], strides[axis], in: padded, startingBefore: padded)
            else { return .failure(Reason(text: "its window would start in the padding")) }
        }
        return .success(Window(begin: begin, end: end))
    }

    /// Rounded up, as far as windows start before `limit`.
    private static func positions(of kernel: Int, _ stride: Int, in size: Int, startingBefore limit: Int) -> Int {
        let travel = size - kernel
        let positions = travel / stride + 1
        return travel % stride != 0 && positions * stride < limit ? positions + 1 : positions
    }
}
