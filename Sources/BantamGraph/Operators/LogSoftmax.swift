/// `y = x - log(sum(exp(x)))` along one axis.
struct LogSoftmax: NormalizedExponential {
    static let name = "LogSoftmax"
    static let function = "aten::log_softmax"
}
