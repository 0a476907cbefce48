/// The largest element of each channel over all spatial axes: `[N, C, ...]` to `[N, C, 1, ...]`.
struct GlobalMaxPool: GlobalPool {
    static let name = "GlobalMaxPool"
    static let function = (name: "aten::amax", overload: "")
    static func quantization(of node: NodeContext) -> QuantizationRole { .transparent }
    static func keptForBackward(of node: NodeContext) -> [KeptValue] { [.input(0), .output(0)] }
}
