/// The mean of each channel over all spatial axes: `[N, C, ...]` to `[N, C, 1, ...]`.
struct GlobalAveragePool: GlobalPool {
    static let name = "GlobalAveragePool"
    static let function = (name: "aten::mean", overload: "dim")
    static func quantization(of node: NodeContext) -> QuantizationRole { .integer(inputs: [.activation]) }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [] }
}
