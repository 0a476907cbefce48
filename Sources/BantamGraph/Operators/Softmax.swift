/// `y = exp(x) / sum(exp(x))` along one axis.
struct Softmax: NormalizedExponential {
    static let name = "Softmax"
    static let function = "aten::softmax"
}
