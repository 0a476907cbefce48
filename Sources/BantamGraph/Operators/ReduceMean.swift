/// The mean along axes.
struct ReduceMean: Reduction {
    static let name = "ReduceMean"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static func dtypes(of node: NodeContext) throws(GraphError) -> [DType] {
        [try floatingPointDType(of: node)]
    }

    static func reduce(_ node: NodeContext, axes: [Int], keepingAxes: Bool) throws(GraphError) -> Lowering {
        let rank = node.inputShape(0).rank
        guard rank > 3, axes.sorted() == Array(2..<rank) else {
            return [ATenCall("aten::mean", overload: "dim", .input(0), .ints(axes), .bool(keepingAxes))]
        }
        var calls = CallSequence()
        calls.spatialMean(.input(0), rank: rank, keepingAxes: keepingAxes)
        return calls.lowering
    }
}
