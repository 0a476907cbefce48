/// The nearest whole number, elementwise; halves go to the even neighbour. Its gradient is zero.
struct Round: UnaryArithmetic {
    static let name = "Round"
    static let function = "aten::round"
    static func zeroPreservation(of node: NodeContext) -> ZeroPreservation { .whereAll([0]) }

    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }

    static var examples: [OperatorExample] {
        let numbers: [Float] = [-2.5, -1.5, -0.5, 0.5, 1.2, 2.5]
        return [OperatorExample([.data(TensorData([2, 3], numbers))])]
    }
}
