/// A constant setting of a node, as ONNX types them.
public enum Attribute: Equatable, Sendable {
    case int(Int)
    case float(Float)
    case string(String)
    case ints([Int])
    case floats([Float])
    case strings([String])
    case tensor(TensorData)
    /// The body of a control-flow operator.
    case graph(Graph)
}
