package import BantamGraph

extension Graph {
    /// Adds to each number of a constant, such as a bias.
    ///
    /// - Parameter shifts: One number for each of the constant's.
    package mutating func add(_ shifts: [Float], to constant: ValueID) {
        guard let data = constants[constant] else { return }
        let numbers = zip(data.elements(of: Float.self), shifts).map { $0 + $1 }
        setConstant(constant, to: TensorData(data.shape, numbers))
    }
}
