import BantamGraph

extension TensorData {
    /// The elements of a tensor of int32 or int64.
    var integers: [Int]? {
        switch dtype {
        case .int64: elements(of: Int64.self).map { Int($0) }
        case .int32: elements(of: Int32.self).map { Int($0) }
        default: nil
        }
    }
}
