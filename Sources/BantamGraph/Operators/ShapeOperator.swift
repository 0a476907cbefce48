/// ONNX's `Shape`: the dimensions of a tensor as int64, from axis `start` up to `end` (opset 15).
///
/// It is known whenever the input's shape is, whatever the input holds.
struct ShapeOperator: KnownResult {
    static let name = "Shape"
    static let inputs: [InputSlot] = [.activation("data")]

    static func shapes(of node: NodeContext) throws(GraphError) -> [Shape] { [[axes(of: node).count]] }
    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] { [.int64] }

    /// Each axis is linked to itself: channels may go without further consequences, as the result follows.
    static func channelFlow(of node: NodeContext) -> ChannelFlow {
        .links((0..<node.inputShape(0).rank).map { AxisLink(.input(0, axis: $0), .input(0, axis: $0)) })
    }

    static func evaluate(_ node: NodeContext) throws(GraphError) -> [TensorData]? {
        let dimensions = node.inputShape(0).dimensions[axes(of: node)]
        return [TensorData([dimensions.count], dimensions.map(Int64.init))]
    }

    static var examples: [OperatorExample] {
        [
            OperatorExample([[2, 3, 4, 5]]),
            OperatorExample([[1, 2, 3, 4, 5]], attributes: ["start": .int(1), "end": .int(-1)]),
        ]
    }

    private static func axes(of node: NodeContext) -> Range<Int> {
        let rank = node.inputShape(0).rank
        func place(_ name: String, default defaultPlace: Int) -> Int {
            let place = node.int(name, default: defaultPlace)
            return min(max(place < 0 ? place + rank : place, 0), rank)
        }
        let start = place("start", default: 0)
        return start..<max(start, place("end", default: rank))
    }
}
