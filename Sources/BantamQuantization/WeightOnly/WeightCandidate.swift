import BantamGraph
import BantamLayerwise
import BantamModel
import OrderedCollections

/// A constant that can be stored in fewer bits.
struct WeightCandidate {
    var name: String
    /// float32.
    var data: TensorData
    /// The axis of output channels of a layer's weight; `nil` for other learned numbers.
    var channelAxis: Int?
    /// Whether a matrix product reads it.
    var isProduct: Bool

    /// The power of the weight's rounding over its own.
    func relative(_ squaredError: Double) -> Double {
        let power = data.withFloats { values in values.reduce(0) { $0 + Double($1) * Double($1) } }
        return power == 0 ? 0 : squaredError / power
    }

    var largestMagnitude: Float { data.withFloats { values in values.reduce(0) { max($0, abs($1)) } } }

    /// The numbers as another floating-point type, and the squared error of that: infinite where one is beyond it.
    ///
    /// - Throws: `notFinite`.
    func rounded(to dtype: DType) throws(CompressionError) -> (data: TensorData, error: Double) {
        guard data.withFloats({ $0.allSatisfy(\.isFinite) }) else { throw .notFinite(weight: name) }
        guard let narrow = data.converted(to: dtype), let wide = narrow.converted(to: .float32) else {
            preconditionFailure("\(data.type) as \(dtype.rawValue)")
        }
        let error = data.withFloats { values in
            wide.withFloats { rounded in
                zip(values, rounded).reduce(0) { sum, pair in
                    let change = Double(pair.0) - Double(pair.1)
                    return sum + change * change
                }
            }
        }
        return (narrow, error)
    }
}

extension WeightOnlyQuantization {
    /// A constant with fewer numbers is not worth the node that widens it, unless it has the shape of a matrix.
    private static let fewestNumbers = 256

    /// The weights of layers, and, where floating point is asked for, the other learned numbers.
    ///
    /// - Parameter notes: Gets the reasons for which others are not among them.
    func candidates(in graph: Graph, notes: inout [String]) throws(CompressionError) -> [WeightCandidate] {
        if let groupSize, groupSize < WeightOnlyConfiguration.smallestGroup { throw .invalidGroupSize(groupSize) }
        let scope = try QuantizationScope(graph)
        var axes: OrderedDictionary<ValueID, Result<Int, Objection>> = [:]
        for node in graph.nodes.values {
            let role = scope.role(of: node)
            for (slot, value) in node.filledInputs where role.channelAxis(slot) != nil && scope.isConstant(value) {
                if excludedNodes.contains(node.name) {
                    axes[value] = .failure("\(node.label) was excluded")
                } else if axes[value] == nil {
                    axes[value] = scope.channelAxis(ofWeight: value)
                }
            }
        }
        var candidates: [WeightCandidate] = []
        for (value, axis) in axes {
            guard let data = graph.constants[value] else { continue }
            switch axis {
            case .success(let axis):
                candidates.append(
                    WeightCandidate(
                        name: graph[value].name, data: data, channelAxis: axis,
                        isProduct: scope.isReadByProduct(value)))
            case .failure(let objection):
                notes.append("\(graph[value].name) stays as it is: \(objection.text).")
            }
        }
        for value in graph.parameters where axes[value] == nil {
            guard let data = graph.constants[value], data.dtype == .float32, !graph.isOutput(value),
                data.shape.rank >= 2 || data.elementCount >= Self.fewestNumbers && !form.isInteger,
                !scope.readers(of: value).contains(where: { excludedNodes.contains(graph[$0].name) })
            else { continue }
            candidates.append(
                WeightCandidate(name: graph[value].name, data: data, channelAxis: nil, isProduct: false))
        }
        return candidates
    }
}

extension QuantizationScope {
    /// Whether any reader multiplies matrices, rather than convolving.
    fileprivate func isReadByProduct(_ weight: ValueID) -> Bool {
        readers(of: weight).contains { !["Conv", "ConvTranspose"].contains(graph[$0].operatorName) }
    }
}
